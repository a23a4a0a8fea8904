//! A ceremony on emulated YubiHSM2 devices, then a fleet on them: a code's and a passkey's whole way, and the published log.
#![allow(clippy::unwrap_used)]

#[path = "device/fleet.rs"]
#[allow(dead_code)]
mod ceremony;
mod support;

use fleet_evidence::folder::{LogHead, Purpose, statement_label};
use std::sync::Arc;
use support::{Fleet, PasskeyClient, Person};
use vault_protocol::{Answer, AuditCounts, Refusal, Request, SiteIndex, live_counts_message};
use vault_server::api::Site;
use vault_server::audit::{Subject, count};
use vault_server::config::{Config, Statement};
use vault_server::hsm::{AuthKey, ConnectorAddress, SiteDevice, SiteDeviceOptions, YubiHsm2};

/// Three devices after their ceremony, for sites at `endpoints`.
fn set_up(devices: &mut ceremony::Fleet, endpoints: &[String]) -> (vault_protocol::Bundle, Vec<Arc<dyn SiteDevice>>) {
    for (site, endpoint) in devices.plan.sites.iter_mut().zip(endpoints) {
        site.endpoint = endpoint.clone();
    }
    let bundle = devices.run(&ceremony::go_on).unwrap();
    let ports = devices.plan.sites.iter().map(|site| {
        let key = AuthKey::read(&devices.out.site(site.index, "hsm-auth.key")).unwrap();
        let address = ConnectorAddress::parse(&site.connector).unwrap();
        Arc::new(YubiHsm2::open(SiteDeviceOptions::new(address, key, true)).unwrap()) as Arc<dyn SiteDevice>
    });
    let ports = ports.collect();
    (bundle, ports)
}

/// Check C1, made by the site that was given the login for it.
async fn a_device_vouches_for_a_strangers_nonce(fleet: &Fleet, devices: &ceremony::Fleet) {
    use p256::ecdsa::signature::Verifier;
    let nonce = [0x42; 32];
    let ask = |site| fleet.transport.ask(site, Request::Prove { nonce });
    assert!(matches!(ask(2).await, Err(Refusal::Unavailable { .. })));
    let answer = ask(1).await;
    let Ok(Answer::Proof(proof)) = answer else { panic!("{answer:?}") };
    let head = LogHead { number: proof.head_number, digest: proof.head_digest };
    let label = statement_label(Purpose::Live, &nonce, &head, &fleet.bundle.id());
    let certificate = p256::pkcs8::Document::from_pem(&proof.certificate).unwrap().1;
    assert!(certificate.as_bytes().windows(40).any(|w| w == label.as_bytes()), "the label is not in the certificate");
    assert!(proof.device_chain.contains("BEGIN CERTIFICATE"));

    let receipt_key = fleet.bundle.site(SiteIndex(1)).unwrap().device().unwrap().receipt_key;
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&receipt_key.0).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&proof.signature.0).unwrap();
    key.verify(&live_counts_message(&nonce, &proof.counts), &signature).unwrap();
    assert_eq!((proof.counts.surplus(), proof.counts.tries), (0, 2));
    assert_eq!(proof.counts.serial, devices.plan.sites[0].serial);
    let mut more = vec![];
    for _ in 0..6 {
        more.push(ask(1).await);
    }
    assert!(more.iter().any(|answer| matches!(answer, Err(Refusal::Busy { .. }))), "statements are not limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_of_emulated_devices_recovers_a_key() {
    let mut devices = tokio::task::spawn_blocking(|| ceremony::Fleet::new(3)).await.unwrap();
    let mut fleet = Fleet::on(3, |endpoints| tokio::task::block_in_place(|| set_up(&mut devices, endpoints))).await;
    fleet.stop(1).await;
    let (folder, connector) = (devices.out.site(SiteIndex(1), ""), devices.plan.sites[0].connector.clone());
    let give_login = |config: &mut Config| {
        let file = |name| folder.join(name);
        config.hsm.connector = connector;
        config.hsm.statement =
            Some(Statement { key_file: file("statement-auth.key"), device_chain: file("device-chain.pem") });
    };
    fleet.restart_with(1, give_login).await.unwrap();
    fleet.leader().await;
    let (transport, bundle) = (&fleet.transport, &fleet.bundle);
    let person = Person::new();
    let key = person.register(transport, bundle, 1, "code").await.unwrap();
    assert!(person.recover(transport, bundle, 1, &person.blind("wrong")).await.is_err());
    let right = person.blind("code");
    let opened = person.recover(transport, bundle, 1, &right).await.unwrap();
    assert_eq!(opened.vault_key.expose(), &key[..]);
    let confirmed = person.confirm(transport, 1, &right, &opened, 0).await;
    assert!(confirmed.contains(&Ok(Answer::Confirmed { complete: true })), "{confirmed:?}");

    a_device_vouches_for_a_strangers_nonce(&fleet, &devices).await;
    for site in 1..=3 {
        let site = fleet.site(site);
        site.ledger.drain().await.unwrap();
        assert_eq!(site.ledger.broken(), None);
        let counters = site.local.counters().await.unwrap();
        // One registration and two tries, two ECDHs each: exactly what the device's own log says.
        assert_eq!((counters.oprf_entries, counters.oprf_calls), (6, 6), "site {}", SiteIndex(site.index.0));
    }
    drop(fleet);
    // Dropping emulators stops their threads, which must not happen on an async thread.
    tokio::task::spawn_blocking(move || drop(devices)).await.unwrap();
}

/// Successful ECDHs with a key in the log that a site keeps of its device.
async fn ecdhs_with(site: &Site, key: u16) -> usize {
    site.ledger.drain().await.unwrap();
    let entries = site.local.entries(1, u32::MAX).await.unwrap();
    entries.iter().filter(|e| e.0[2] == 0x57 && e.0[11] == 0xd7 && e.0[7..9] == key.to_be_bytes()).count()
}

async fn counts(site: &Site) -> AuditCounts {
    let subject = Subject { site: site.index, bundle: site.bundle_id, serial: site.identity.serial };
    count(subject, &site.local, &site.cluster.reader().totals().await.unwrap(), 1).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_of_emulated_devices_releases_each_share_with_one_use_of_the_seal_key() {
    let (seal, oprf) = (0x0102, 0x0101);
    let mut devices = tokio::task::spawn_blocking(|| ceremony::Fleet::new(3)).await.unwrap();
    let fleet = Fleet::on(3, |endpoints| tokio::task::block_in_place(|| set_up(&mut devices, endpoints))).await;
    let (client, mut key, secret) = PasskeyClient::with_passkey(&fleet).await;
    for site in 1..=3 {
        assert_eq!(ecdhs_with(fleet.site(site), seal).await, 0, "a registration opens no box");
    }
    let answers = client.release(&mut key).await;
    assert_eq!(client.rebuilt(&key.credential, answers), Some(secret));
    for site in 1..=3 {
        let site = fleet.site(site);
        assert_eq!((ecdhs_with(site, seal).await, ecdhs_with(site, oprf).await), (1, 0), "site {:?}", site.index);
        let counts = counts(site).await;
        assert_eq!((counts.surplus(), counts.oprf_entries, counts.tries), (0, 0, 0));
        assert_eq!(site.ledger.broken(), None);
    }
    drop(fleet);
    // As above.
    tokio::task::spawn_blocking(move || drop(devices)).await.unwrap();
}
