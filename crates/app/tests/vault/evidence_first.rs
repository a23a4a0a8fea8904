//! A fleet whose evidence was not found good gets no code, from anybody.

use crate::support::{Contact, World};

#[tokio::test(start_paused = true)]
async fn without_evidence_no_code_is_tried() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let code = ada.protects(&world, &backup).await;
    let new = world.stranger("new");
    world.contacts();
    let refused = new.recovers(&backup, &code).await.unwrap_err();
    assert_eq!(refused.code, "no_evidence");
    assert!(refused.safe.contains("no code was sent"), "{}", refused.safe);
    assert!(!talked_to_a_site(&world), "a session was opened");
    assert!(!new.has("account.json") && !new.has("keys.json"));
    assert_eq!(
        world.stranger("newer").enrolls(&world, None).await.err().unwrap().code,
        "no_evidence"
    );
    assert_eq!(ada.tries_left().await, 10);
}

#[tokio::test(start_paused = true)]
async fn evidence_that_was_found_wrong_stops_drills_as_well() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let code = ada.protects(&world, &world.backup("ada")).await;
    let folder = world.home("ada").join("fleets").join(hex::encode(world.fleet.trust().id()));
    let bundle = world.fleet.bundles()[0].id();
    let verdict = serde_json::json!({ "bundle": bundle, "failed": ["E5"], "sentence": "Not good.", "at": 1_800_000_000_u64 });
    std::fs::write(folder.join("evidence.json"), verdict.to_string()).unwrap();
    world.contacts();
    // It is looked for anew before the old verdict is taken for good.
    assert_eq!(ada.drills(&code).await.unwrap_err().code, "no_evidence");
    assert!(!talked_to_a_site(&world));
    assert_eq!(app::vault_status(&ada.keepsake).await.unwrap_err().code, "evidence_refused");
}

#[tokio::test(start_paused = true)]
async fn a_publisher_that_is_away_stops_nobody_who_knows_the_fleet() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let code = ada.protects(&world, &backup).await;
    world.wires.silence("https://auditor.invalid");
    assert!(ada.drills(&code).await.unwrap().confirmed);
    assert_eq!(
        world.computer("new").recovers(&backup, &code).await.unwrap_err().code,
        "unreachable"
    );
}

fn talked_to_a_site(world: &World) -> bool {
    world.contacts().iter().any(Contact::is_session)
}
