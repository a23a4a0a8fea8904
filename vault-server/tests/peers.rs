//! Only the fleet's own sites may speak to a site's peer listener, and only in their own name.
#![allow(clippy::unwrap_used)]

mod support;

use openraft::{LogId, Vote, raft::VoteRequest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use support::Fleet;
use vault_protocol::{AccountId, SiteIndex};
use vault_state::Command;

/// A client that shows the certificate of `identity`, and calls site 1 by its address.
fn client(fleet: &Fleet, identity: Option<(&Path, &str)>) -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(fleet.dir.path().join("ca.pem")).unwrap()).unwrap();
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let tls = match identity {
        None => builder.with_no_client_auth(),
        Some((dir, name)) => {
            let chain = vec![CertificateDer::from_pem_file(dir.join(format!("{name}.pem"))).unwrap()];
            let key = PrivateKeyDer::from_pem_file(dir.join(format!("{name}.key"))).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

/// The status with which site 1 answers to a proposal.
async fn propose_as(fleet: &Fleet, client: &reqwest::Client, command: &Command) -> u16 {
    let url = format!("https://{}/peer/v1/propose", fleet.config(1, false).peer_listen);
    let answer = client.post(url).body(postcard::to_allocvec(command).unwrap()).send().await.unwrap();
    answer.status().as_u16()
}

async fn vote_as(fleet: &Fleet, client: &reqwest::Client, candidate: u64) -> Option<u16> {
    // Of term 0 and an empty log, so that an honest site answers it with its own, higher vote.
    let request = VoteRequest::new(Vote::new(0, candidate), None::<LogId<u64>>);
    let url = format!("https://{}/peer/v1/vote", fleet.config(1, false).peer_listen);
    let answer = client.post(url).body(postcard::to_allocvec(&request).unwrap()).send().await.ok()?;
    Some(answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_speaks_for_itself_only() {
    let fleet = Fleet::start(3).await;
    let two = client(&fleet, Some((fleet.dir.path(), "site-2")));
    assert_eq!(vote_as(&fleet, &two, 2).await, Some(200));
    assert_eq!(vote_as(&fleet, &two, 3).await, Some(403));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_says_only_of_itself_what_it_was_asked_or_shown() {
    let fleet = Fleet::start(3).await;
    let two = client(&fleet, Some((fleet.dir.path(), "site-2")));
    let account = AccountId([7; 16]);
    let said_of: [fn(AccountId, SiteIndex) -> Command; 3] = [
        |account, site| Command::RecordRegistrationEvaluation { account, version: 1, alpha_hash: [0; 32], site, at: 1 },
        |account, site| Command::OpenPasskeyRegistration { account, change: 1, site, at: 1 },
        |account, site| Command::NotePasskeyRefused { account, site, at: 1 },
    ];
    for command in said_of {
        assert_eq!(propose_as(&fleet, &two, &command(account, SiteIndex(2))).await, 200);
        for other in [1, 3] {
            assert_eq!(propose_as(&fleet, &two, &command(account, SiteIndex(other))).await, 403);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_turned_away() {
    let fleet = Fleet::start(3).await;
    assert_eq!(vote_as(&fleet, &client(&fleet, None), 2).await, None);
    let other = tempfile::tempdir().unwrap();
    support::certificates::write(other.path(), 3);
    assert_eq!(vote_as(&fleet, &client(&fleet, Some((other.path(), "site-2"))), 2).await, None);
}
