//! Passkeys in a (MOCK) security key, as ways into a backup.

use crate::support::{Contact, World, copy_folder, rewrite, secret};
use app::model::{PasskeyPlace, PasskeyUsed, PendingKind};
use app::{FleetPin, Keepsake, NewPasskey, Result, Unwatched};
use key_mock::{Key, Model, Plugged, Touch, plug_in};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use vault_protocol::SiteIndex;
use vault_simulation::fleet::{Fleet, Plan};
use vault_simulation::tricks::FalseShares;

const PIN: &str = "271828";

/// A security key at a port that every computer here has.
struct Port {
    folder: TempDir,
    _plugged: Plugged,
}

impl Port {
    fn with_key() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::in_file(Model::CURRENT, &folder.path().join("key.json"), Some(PIN)).unwrap();
        let plugged = plug_in(&folder.path().join("usb"), key, Touch::AtOnce).unwrap();
        Self { folder, _plugged: plugged }
    }

    fn socket(&self) -> Option<PathBuf> {
        Some(self.folder.path().join("usb"))
    }
}

/// A fleet whose sites read passkeys as real sites do.
async fn world() -> World {
    World::with(Fleet::start_reading(Plan::fair(11), vault_server::webauthn::verifier()).await)
}

async fn adds(world: &World, keepsake: &Keepsake) -> Result<String> {
    let new = NewPasskey {
        fleet_url: Some(world.url()),
        place: PasskeyPlace::SecurityKey,
        name: "Blue key".into(),
    };
    let added = app::add_passkey(keepsake, new, secret(PIN), &Unwatched).await?;
    assert_eq!((added.fingerprint, added.passkey.mock), (world.fingerprint(), true));
    Ok(added.passkey.id)
}

async fn recovers(world: &World, keepsake: &Keepsake, backup: &str) -> Result<PasskeyUsed> {
    let pin = FleetPin::Sheet(world.fingerprint());
    let place = PasskeyPlace::SecurityKey;
    app::recover_with_passkey(keepsake, backup, Some(&pin), place, secret(PIN), &Unwatched).await
}

#[tokio::test(start_paused = true)]
async fn a_security_key_opens_the_backup_on_a_new_computer_that_knows_the_fleet() {
    let world = world().await;
    let port = Port::with_key();
    let backup = world.backup("ada");
    let ada = world.computer_with_key("ada", port.socket());
    adds(&world, &ada.keepsake).await.unwrap();
    app::back_up(&ada.keepsake, &backup, std::time::Duration::ZERO, &Unwatched).await.unwrap();

    let new = world.computer_with_key("new", port.socket());
    world.contacts();
    let preview = app::preview_backup(&new.keepsake, &backup).await.unwrap();
    assert!(preview.needs_fleet);
    let place = PasskeyPlace::SecurityKey;
    let refused =
        app::recover_with_passkey(&new.keepsake, &backup, None, place, secret(PIN), &Unwatched)
            .await;
    assert_eq!(refused.unwrap_err().code, "fleet_needed");
    assert_eq!(world.contacts(), []);
    let used = recovers(&world, &new.keepsake, &backup).await.unwrap();
    // t good answers are enough; nobody waits for the others.
    assert!((3..=5).contains(&used.sites_answered), "{}", used.sites_answered);
    assert_eq!(used.warnings, Vec::<String>::new());
    assert!(app::passkeys(&new.keepsake).await.unwrap().passkeys[0].in_fleet.unwrap());
}

#[tokio::test(start_paused = true)]
async fn no_passkey_is_asked_for_a_fleet_without_evidence_or_another_fleet() {
    let world = world().await;
    let port = Port::with_key();
    let backup = world.backup("ada");
    let ada = world.computer_with_key("ada", port.socket());
    adds(&world, &ada.keepsake).await.unwrap();
    app::back_up(&ada.keepsake, &backup, std::time::Duration::ZERO, &Unwatched).await.unwrap();
    let stranger = world.stranger_with_key("stranger", port.socket());
    world.contacts();
    assert_eq!(
        recovers(&world, &stranger.keepsake, &backup).await.unwrap_err().code,
        "no_evidence"
    );
    assert!(!world.contacts().iter().any(Contact::is_session));

    rewrite(&backup, "passkey", |slot| {
        slot["trust"] = json!("66".repeat(32));
        slot["fleet_url"] = json!(format!("https://evil.invalid/#sha256={}", "66".repeat(32)));
    });
    assert_eq!(
        recovers(&world, &stranger.keepsake, &backup).await.unwrap_err().code,
        "other_fleet"
    );
    assert_eq!(world.contacts(), []);
}

#[tokio::test(start_paused = true)]
async fn a_removed_passkey_is_told_as_gone_where_it_is_gone() {
    let world = world().await;
    let port = Port::with_key();
    let backup = world.backup("ada");
    let ada = world.computer_with_key("ada", port.socket());
    let id = adds(&world, &ada.keepsake).await.unwrap();
    ada.protects(&world, &backup).await;
    let copy = world.backup("a thief's copy");
    copy_folder(&backup, &copy);

    world.kill(&[2]);
    let removed = app::remove_passkey(&ada.keepsake, &id, None, true, &Unwatched).await.unwrap();
    let spread = removed.spread.unwrap();
    assert_eq!((spread.acknowledged, spread.needed, spread.done), (4, 5, false));
    let kinds: Vec<_> = ada.status().await.pending.iter().map(|pending| pending.kind).collect();
    assert_eq!(kinds, [PendingKind::Passkeys]);
    let thief = world.computer_with_key("thief", port.socket());
    assert_eq!(recovers(&world, &thief.keepsake, &copy).await.unwrap_err().code, "passkey_removed");

    world.start(&[2]).await;
    assert_eq!(app::carry_on(&ada.keepsake).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn two_sites_with_false_shares_are_named_and_three_open_nothing() {
    let world = world().await;
    let port = Port::with_key();
    let ada = world.computer_with_key("ada", port.socket());
    let id = adds(&world, &ada.keepsake).await.unwrap();
    world.fleet.corrupt(SiteIndex(1), Some(Arc::new(FalseShares))).await;
    world.fleet.corrupt(SiteIndex(2), Some(Arc::new(FalseShares))).await;
    let used = app::drill_passkey(&ada.keepsake, &id, secret(PIN), &Unwatched).await.unwrap();
    // Who answers after the first t good ones is not waited for.
    let caught: Vec<_> = used.caught.iter().map(|site| site.index).collect();
    assert!(!caught.is_empty() && caught.iter().all(|site| [1, 2].contains(site)), "{caught:?}");
    world.fleet.corrupt(SiteIndex(3), Some(Arc::new(FalseShares))).await;
    let refused =
        app::drill_passkey(&ada.keepsake, &id, secret(PIN), &Unwatched).await.unwrap_err();
    assert_eq!(refused.code, "too_few_sites", "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_code_beside_a_passkey_is_shown_again_to_who_has_it_and_comes_along() {
    let world = world().await;
    let port = Port::with_key();
    let backup = world.backup("ada");
    let ada = world.computer_with_key("ada", port.socket());
    let id = adds(&world, &ada.keepsake).await.unwrap();
    let code = ada.protects(&world, &backup).await;
    let shown = app::reveal_code(&ada.keepsake, &id, secret(PIN), &Unwatched).await.unwrap();
    assert_eq!((&shown.code, shown.fingerprint), (&code, world.fingerprint()));
    let wrong =
        app::reveal_code(&ada.keepsake, &id, secret("000000"), &Unwatched).await.err().unwrap();
    assert_eq!(wrong.code, "wrong_pin");

    let new = world.computer_with_key("new", port.socket());
    let used = recovers(&world, &new.keepsake, &backup).await.unwrap();
    assert_eq!(used.warnings, Vec::<String>::new());
    assert!(new.drills(&code).await.unwrap().confirmed, "the code came along");
}
