//! The person names the fleet before anybody is contacted. A backup's own word is the word of
//! whoever stores it.

use crate::support::{Contact, World, rewrite, secret};
use app::model::WayBack;
use app::{FleetPin, NextStep, Unwatched};
use serde_json::json;
use vault_simulation::fleet::{Fleet, Plan};

const THEIR_PUBLISHER: &str = "https://evil.invalid";

/// A fleet of the storage provider's own, published like any other.
async fn their_fleet(world: &World) -> (Fleet, String) {
    let theirs = Fleet::start(Plan::fair(666)).await;
    world.wires.publish(THEIR_PUBLISHER, theirs.clone());
    let url = format!("{THEIR_PUBLISHER}/#sha256={}", hex::encode(theirs.trust().id()));
    (theirs, url)
}

#[tokio::test(start_paused = true)]
async fn nobody_is_contacted_before_the_person_has_named_the_fleet() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    let new = world.computer("new");
    world.contacts();

    let preview = app::preview_backup(&new.keepsake, &backup).await.unwrap();
    assert!(preview.needs_fleet && preview.generated_code);
    assert!(preview.ways_back.contains(&WayBack::RecoveryCode));
    let asked = app::ask_vault(&new.keepsake, &backup, None).await.unwrap_err();
    let tried =
        app::recover(&new.keepsake, &backup, None, secret(&code), &Unwatched).await.unwrap_err();
    assert_eq!([asked.code, tried.code], ["fleet_needed", "fleet_needed"]);
    assert_eq!(asked.next, NextStep::NameFleetOfBackup);
    assert_eq!(world.contacts(), []);

    assert!(new.recovers(&backup, &code).await.unwrap().confirmed);
}

#[tokio::test(start_paused = true)]
async fn the_sheet_s_address_and_its_fingerprint_both_name_the_fleet() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    let sloppy = world.fingerprint().to_lowercase().replace('-', " ").replace('0', "o");
    for (at, typed) in [world.url(), world.fingerprint(), sloppy].into_iter().enumerate() {
        let new = world.computer(&format!("new {at}"));
        let pin = FleetPin::Sheet(typed);
        let vault = app::ask_vault(&new.keepsake, &backup, Some(&pin)).await.unwrap();
        assert_eq!((vault.tries_left, vault.fingerprint), (Some(10), world.fingerprint()));
        app::recover(&new.keepsake, &backup, Some(&pin), secret(&code), &Unwatched).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_that_names_another_fleet_leads_nowhere() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    let (theirs, url) = their_fleet(&world).await;
    let trust = hex::encode(theirs.trust().id());
    rewrite(&backup, "recovery_code", |slot| {
        slot["fleet_url"] = json!(url);
        slot["trust"] = json!(trust);
    });
    let new = world.computer("new");
    world.contacts();
    for pin in [world.fingerprint(), world.url()] {
        let pin = FleetPin::Sheet(pin);
        let refused =
            app::recover(&new.keepsake, &backup, Some(&pin), secret(&code), &Unwatched).await;
        assert_eq!(refused.unwrap_err().code, "other_fleet");
    }
    assert_eq!(world.contacts(), []);

    // Who gives the pin up is at least not asked for a code by a fleet without evidence.
    let trusting = Some(&FleetPin::TrustHeader);
    let refused = app::recover(&new.keepsake, &backup, trusting, secret(&code), &Unwatched).await;
    assert_eq!(refused.unwrap_err().code, "no_evidence");
    assert!(!world.contacts().iter().any(Contact::is_session));
}

#[tokio::test(start_paused = true)]
async fn a_header_that_puts_another_host_before_the_right_fingerprint_gets_no_code() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    their_fleet(&world).await;
    // The pin of the true fleet, and a host whose trust document is another one.
    let pin = world.url().split_once('#').unwrap().1.to_string();
    rewrite(&backup, "recovery_code", |slot| {
        slot["fleet_url"] = json!(format!("{THEIR_PUBLISHER}/#{pin}"))
    });
    let new = world.computer("new");
    let refused = new.recovers(&backup, &code).await.unwrap_err();
    assert_eq!(refused.code, "fleet_refused");
    // The sheet's whole address goes past the header's.
    let sheet = FleetPin::Sheet(world.url());
    let opened =
        app::recover(&new.keepsake, &backup, Some(&sheet), secret(&code), &Unwatched).await;
    // Its slot was altered all the same, which the owner's signature of the header shows.
    assert_eq!(opened.unwrap_err().code, "damaged");
}

#[tokio::test(start_paused = true)]
async fn this_computers_own_account_needs_no_sheet() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let code = ada.protects(&world, &backup).await;
    assert!(!app::preview_backup(&ada.keepsake, &backup).await.unwrap().needs_fleet);
    app::ask_vault(&ada.keepsake, &backup, None).await.unwrap();
    app::recover(&ada.keepsake, &backup, None, secret(&code), &Unwatched).await.unwrap();
}
