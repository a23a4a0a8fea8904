//! Only the fleet's own sites may speak to a site's peer listener.

use crate::support::{Fleet, certificates};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use vault_protocol::AccountId;
use vault_server::peers::MAX_PEER_MESSAGE;

/// A client that shows the certificate of `identity`, and calls site 1 by its address.
fn client(fleet: &Fleet, identity: Option<(&Path, &str)>) -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    let ca = CertificateDer::from_pem_file(fleet.dir.path().join("ca.pem"));
    roots.add(ca.unwrap()).unwrap();
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let tls = match identity {
        None => builder.with_no_client_auth(),
        Some((dir, name)) => {
            let chain = CertificateDer::from_pem_file(dir.join(format!("{name}.pem")));
            let key = PrivateKeyDer::from_pem_file(dir.join(format!("{name}.key")));
            builder.with_client_auth_cert(vec![chain.unwrap()], key.unwrap()).unwrap()
        }
    };
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

async fn ask(fleet: &Fleet, client: &reqwest::Client, what: &str, body: Vec<u8>) -> Option<u16> {
    let address = fleet.config(1)["peer_listen"].as_str().unwrap().to_string();
    let url = format!("https://{address}/peer/v2/{what}");
    let answer = client.post(url).body(body).send().await.ok()?;
    Some(answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_answered_and_strangers_are_turned_away() {
    let fleet = Fleet::start(3).await;
    let body = postcard::to_allocvec(&AccountId([7; 16])).unwrap();
    let two = client(&fleet, Some((fleet.dir.path(), "site-2")));
    assert_eq!(ask(&fleet, &two, "facts", body.clone()).await, Some(200));
    let nobody = client(&fleet, None);
    assert_eq!(ask(&fleet, &nobody, "facts", body.clone()).await, None);
    let other = tempfile::tempdir().unwrap();
    certificates::write(other.path(), 3);
    let of_another_fleet = client(&fleet, Some((other.path(), "site-2")));
    assert_eq!(ask(&fleet, &of_another_fleet, "facts", body).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_or_too_long_is_refused() {
    let fleet = Fleet::start(3).await;
    let two = client(&fleet, Some((fleet.dir.path(), "site-2")));
    assert_eq!(ask(&fleet, &two, "facts", vec![0xff; 3]).await, Some(400));
    assert_eq!(ask(&fleet, &two, "append", vec![]).await, Some(400));
    let long = vec![0; MAX_PEER_MESSAGE + 1];
    assert_eq!(ask(&fleet, &two, "push", long).await, Some(413));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minority_of_sites_without_the_others_says_that_it_does_not_serve() {
    let mut fleet = Fleet::start(3).await;
    fleet.stop(1).await;
    fleet.stop(2).await;
    fleet.restart(1).await.unwrap();
    fleet.until_serving(1).await;
    fleet.stop(1).await;
    fleet.stop(3).await;
    fleet.restart(3).await.unwrap();
    let health = fleet.health(3).await;
    assert_eq!(health["serving"], false);
    assert!(health["reason"].as_str().unwrap().contains("in touch"), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_whose_certificate_for_peers_ran_out_says_so_until_it_has_another() {
    let fleet = Fleet::start(3).await;
    let vitals = &fleet.api(1).vitals;
    for (validity, reason) in
        [((0, 1), "has run out"), ((u64::MAX - 1, u64::MAX), "is not good yet")]
    {
        vitals.set_certificate(validity);
        let health = fleet.health(1).await;
        assert_eq!(health["serving"], false);
        assert!(health["reason"].as_str().unwrap().contains(reason), "{health}");
    }
    vitals.set_certificate((0, u64::MAX));
    assert_eq!(fleet.health(1).await["serving"], true);
}
