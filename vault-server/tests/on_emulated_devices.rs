//! A ceremony on emulated YubiHSM2 devices, then a fleet on them: register, recover, confirm, and the published log.
#![allow(clippy::unwrap_used)]

#[path = "device/fleet.rs"]
#[allow(dead_code)]
mod ceremony;
mod support;

use std::sync::Arc;
use support::{Fleet, Person};
use vault_protocol::{Answer, SiteIndex};
use vault_server::hsm::{AuthKey, ConnectorAddress, SiteDevice, SiteDeviceOptions, YubiHsm2};

/// Three devices after their ceremony, for sites at `endpoints`.
fn set_up(devices: &mut ceremony::Fleet, endpoints: &[String]) -> (vault_protocol::Bundle, Vec<Arc<dyn SiteDevice>>) {
    for (site, endpoint) in devices.plan.sites.iter_mut().zip(endpoints) {
        site.endpoint = endpoint.clone();
    }
    let bundle = devices.run(&ceremony::go_on).unwrap();
    devices.forget_sessions();
    let ports = devices.plan.sites.iter().map(|site| {
        let key = AuthKey::read(&devices.out.site(site.index, "hsm-auth.key")).unwrap();
        let address = ConnectorAddress::parse(&site.connector).unwrap();
        Arc::new(YubiHsm2::open(SiteDeviceOptions::new(address, key, true)).unwrap()) as Arc<dyn SiteDevice>
    });
    let ports = ports.collect();
    (bundle, ports)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_of_emulated_devices_recovers_a_key() {
    let mut devices = tokio::task::spawn_blocking(|| ceremony::Fleet::new(3)).await.unwrap();
    let fleet = Fleet::on(3, |endpoints| tokio::task::block_in_place(|| set_up(&mut devices, endpoints))).await;
    let (transport, bundle) = (&fleet.transport, &fleet.bundle);
    let person = Person::new();
    let key = person.register(transport, bundle, 1, "code").await.unwrap();
    assert!(person.recover(transport, bundle, 1, &person.blind("wrong")).await.is_err());
    let right = person.blind("code");
    let opened = person.recover(transport, bundle, 1, &right).await.unwrap();
    assert_eq!(opened.vault_key.expose(), &key[..]);
    let confirmed = person.confirm(transport, 1, &right, &opened).await;
    assert!(confirmed.contains(&Ok(Answer::Confirmed { complete: true })), "{confirmed:?}");

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
