//! Certificates, bundles and limits, without a restart.

use crate::support::{Fleet, Http, Person, Reach, certificates, code};
use vault_protocol::{BUNDLE_HEADER, Bundle, CodeOrigin};
use vault_server::config::Config;

/// The same fleet in its next epoch: other regions, the same devices and keys.
fn next(bundle: &Bundle) -> Bundle {
    let mut next = bundle.clone();
    next.epoch = 2;
    next.previous = Some(bundle.id());
    next.keys_since = Some(1);
    next.sites.iter_mut().for_each(|site| site.region = "elsewhere".into());
    next
}

fn reload(fleet: &Fleet, site: u8, change: impl FnOnce(&mut serde_json::Value)) {
    let mut config = fleet.config(site);
    change(&mut config);
    fleet.write_config(site, &config);
    let config = Config::read(&fleet.config_file(site)).unwrap();
    fleet.node(site).reload(&config);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_epoch_with_the_same_keys_loses_nobody() {
    let mut fleet = Fleet::start(3).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    let next = next(&fleet.bundle);
    crate::support::write_bundle(&fleet.dir.path().join("next.json"), &next);
    let old = fleet.http.clone();
    let new = Http::new(&fleet.dir.path().join("ca.pem"), &next);
    let mut slot = 1;
    for site in 1..=3 {
        // One site after the other takes the next bundle beside the current one.
        reload(&fleet, site, |config| {
            config["bundles"] = serde_json::json!(["bundle.json", "next.json"]);
        });
        assert_eq!(fleet.health(site).await["epoch"], 2);
        // A client that has only the current one recovers at every site, at every moment.
        fleet.http = old.clone();
        person.recover(&fleet, &code("right"), 1, &[1, 2, 3]).await;
        slot += 1;
    }
    assert_eq!(slot, 4);
    // And one that has the next one.
    let current = std::mem::replace(&mut fleet.bundle, next);
    fleet.http = new.clone();
    person.recover(&fleet, &code("right"), 1, &[1, 2, 3]).await;
    // Then the operator takes the old one away.
    for site in 1..=3 {
        reload(&fleet, site, |config| config["bundles"] = serde_json::json!(["next.json"]));
        assert_eq!(old.open(site).await.err(), Some(409));
        let answer = old.get(site, "/v2/bundle").await;
        assert_eq!(answer.headers()[BUNDLE_HEADER], fleet.bundle.id().to_string());
    }
    assert_ne!(current.id(), fleet.bundle().id());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_other_keys_is_not_taken_and_the_former_stays() {
    let fleet = Fleet::start(3).await;
    let mut other = next(&fleet.bundle);
    other.keys_since = None;
    let first = other.sites[0].devices[0].oprf_key;
    other.sites[1].devices[0].oprf_key = first;
    crate::support::write_bundle(&fleet.dir.path().join("other.json"), &other);
    for bundles in [
        serde_json::json!(["other.json"]),
        serde_json::json!(["bundle.json", "other.json"]),
        serde_json::json!(["missing.json"]),
    ] {
        reload(&fleet, 1, |config| config["bundles"] = bundles);
        assert_eq!(fleet.health(1).await["epoch"], 1);
        assert!(fleet.http.open(1).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_served_and_a_wrong_one_is_not_taken() {
    let fleet = Fleet::start(3).await;
    let other = fleet.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    certificates::write(&other, 3);
    // The key of another certificate.
    reload(&fleet, 1, |config| {
        config["tls"] = serde_json::json!({"cert": "other/site-1.pem", "key": "site-1.key"});
    });
    assert!(fleet.http.open(1).await.is_ok());
    reload(&fleet, 1, |config| {
        config["tls"] = serde_json::json!({"cert": "other/site-1.pem", "key": "other/site-1.key"});
    });
    let newly = Http::new(&other.join("ca.pem"), &fleet.bundle);
    assert!(newly.open(1).await.is_ok());
}
