//! Backups and homes from before protocol version 2, which was never released.

use crate::support::{World, rewrite};
use app::model::WayBack;

#[tokio::test(start_paused = true)]
async fn a_code_of_an_old_vault_says_so_and_nobody_is_asked_for_it() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    let code = ada.protects(&world, &backup).await;
    rewrite(&backup, "recovery_code", |slot| {
        for field in ["keys", "claim", "access"] {
            slot.as_object_mut().unwrap().remove(field);
        }
    });
    let new = world.computer("new");
    world.contacts();
    let preview = app::preview_backup(&new.keepsake, &backup).await.unwrap();
    assert!(preview.problem.unwrap().contains("version 1"));
    assert!(!preview.needs_fleet, "there is nobody to ask");
    let refused = new.recovers(&backup, &code).await.unwrap_err();
    assert_eq!(refused.code, "old_vault");
    assert!(refused.happened.contains("never released"), "{}", refused.happened);
    assert_eq!(world.contacts(), []);
    // The header's own words were changed here, so nothing opens it any more; what a true old
    // header opens is shown in sealed-keys' tests.
    assert!(preview.ways_back.contains(&WayBack::ThisComputer));
}

#[tokio::test(start_paused = true)]
async fn an_account_of_an_old_vault_is_told_and_makes_way_for_a_new_one() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let old = serde_json::json!({ "type": "keepsake/account/v1", "slot": { "account": "00" }, "registered": 1, "sealed": "" });
    std::fs::write(ada.keepsake.home().join("account.json"), old.to_string()).unwrap();
    let status = app::status(&ada.keepsake).await.unwrap();
    assert!(status.vault.is_none() && status.vault_problem.unwrap().contains("version 1"));
    assert_eq!(app::vault_status(&ada.keepsake).await.unwrap_err().code, "old_vault");
    assert_eq!(ada.enrolls(&world, None).await.unwrap().version, 1);
    assert_eq!(app::status(&ada.keepsake).await.unwrap().vault_problem, None);
}
