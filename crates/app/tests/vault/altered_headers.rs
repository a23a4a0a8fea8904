//! Whoever stores a backup writes what he likes into its header: no try is spent on it.

use crate::support::{OWN_CODE, World, rewrite};
use app::NextStep;
use serde_json::{Value, json};

type Change = (&'static str, fn(&mut Value));

/// Each alteration, and whether the sites' records show it before the code is known to be right.
const CHANGES: [Change; 5] = [
    ("more passes", |slot| slot["argon2"]["t"] = json!(3)),
    ("less memory", |slot| slot["argon2"]["m_kib"] = json!(8192)),
    ("a newer version", |slot| slot["version"] = json!(2)),
    ("another origin", |slot| {
        let other = if slot["code"] == "own" { "generated" } else { "own" };
        slot["code"] = json!(other);
    }),
    ("other keys", |slot| slot["keys"] = json!("00".repeat(32))),
];

#[tokio::test(start_paused = true)]
async fn every_alteration_of_a_chosen_codes_header_is_found_before_a_try_is_spent() {
    let world = World::new().await;
    let ada = world.computer("ada");
    for (what, change) in CHANGES {
        let name = format!("ada before {what}");
        let backup = world.backup(&name);
        if what == CHANGES[0].0 {
            ada.protects_with_own_code(&world, &backup).await;
        } else {
            app::back_up(&ada.keepsake, &backup, std::time::Duration::ZERO, &app::Unwatched)
                .await
                .unwrap();
        }
        rewrite(&backup, "recovery_code", change);
        let refused = world.computer(&name).recovers(&backup, OWN_CODE).await.unwrap_err();
        // A code that is said to be generated has to have a checksum.
        let expected = if what == "another origin" { "code_typo" } else { "header_altered" };
        assert_eq!(refused.code, expected, "{what}: {refused:?}");
        assert!(refused.safe.contains("No try was spent"), "{what}: {}", refused.safe);
        assert_eq!(ada.tries_left().await, 10, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_right_generated_code_is_not_called_wrong_when_the_header_was_altered() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let code = ada.protects(&world, &world.backup("ada")).await;
    for (what, change) in CHANGES {
        let name = format!("ada before {what}");
        let backup = world.backup(&name);
        app::back_up(&ada.keepsake, &backup, std::time::Duration::ZERO, &app::Unwatched)
            .await
            .unwrap();
        rewrite(&backup, "recovery_code", change);
        let refused = world.computer(&name).recovers(&backup, &code).await.unwrap_err();
        assert_eq!(refused.code, "header_altered", "{what}: {refused:?}");
        assert!(
            refused.happened.starts_with("This backup was altered"),
            "{what}: {}",
            refused.happened
        );
        assert_eq!(ada.tries_left().await, 10, "{what}");
    }
}

/// Nothing that the sites sign shows this one, and still it costs nothing.
#[tokio::test(start_paused = true)]
async fn with_another_access_secret_no_try_is_spent_and_the_person_is_told_to_stop() {
    let world = World::new().await;
    let secret = |slot: &mut Value| slot["access"] = json!("11".repeat(32));

    let ada = world.computer("ada");
    let backup = world.backup("ada");
    let code = ada.protects(&world, &backup).await;
    rewrite(&backup, "recovery_code", secret);
    let refused = world.computer("new").recovers(&backup, &code).await.unwrap_err();
    assert_eq!((refused.code, refused.tries_left), ("wrong_code", Some(10)));
    assert!(refused.safe.contains("No try was spent"), "{refused:?}");
    assert_eq!(refused.next, NextStep::CompareCodeOrStop);
    assert_eq!(ada.tries_left().await, 10);

    let ben = world.computer("ben");
    let backup = world.backup("ben");
    ben.protects_with_own_code(&world, &backup).await;
    rewrite(&backup, "recovery_code", secret);
    let refused = world.computer("newer").recovers(&backup, OWN_CODE).await.unwrap_err();
    assert_eq!(refused.code, "header_altered");
    assert_eq!(ben.tries_left().await, 10);
}

#[tokio::test(start_paused = true)]
async fn another_persons_generated_code_costs_no_try() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    ada.protects(&world, &backup).await;
    let bens = world.computer("ben").protects(&world, &world.backup("ben")).await;
    let refused = world.computer("new").recovers(&backup, &bens).await.unwrap_err();
    assert_eq!((refused.code, refused.tries_left), ("wrong_code", Some(10)));
    assert!(refused.happened.contains("the code of another backup"), "{}", refused.happened);
    assert_eq!(ada.tries_left().await, 10);
}
