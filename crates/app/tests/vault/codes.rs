//! Making, proving, replacing and forgetting codes.

use crate::support::{OWN_CODE, World, copy_folder, secret};
use app::Unwatched;
use app::model::VaultEventKind;

#[tokio::test(start_paused = true)]
async fn a_code_is_proved_before_it_is_shown_and_opens_the_backup_elsewhere() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let made = ada.enrolls(&world, None).await.unwrap();
    assert_eq!((made.version, made.sites_registered, made.replaced), (1, 5, None));
    assert_eq!((&made.fingerprint, &made.warnings), (&world.fingerprint(), &vec![]));
    app::back_up(&ada.keepsake, &backup, std::time::Duration::ZERO, &Unwatched).await.unwrap();
    let events = app::vault_events(&ada.keepsake).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [VaultEventKind::Registered, VaultEventKind::Tried, VaultEventKind::Confirmed]
    );
    assert!(events.iter().all(|event| event.told_by >= 3 && event.sites == 5));
    let code = made.code.unwrap();
    let recovered = world.computer("new").recovers(&backup, &code).await.unwrap();
    assert_eq!(
        (recovered.tries_left, recovered.confirmed, recovered.spread.done),
        (10, true, true)
    );
}

#[tokio::test(start_paused = true)]
async fn six_people_enroll_at_once() {
    let world = World::new().await;
    let people: Vec<_> = (0..6).map(|at| world.computer(&format!("person {at}"))).collect();
    let all = people.iter().map(|person| person.enrolls(&world, None));
    for made in futures::future::join_all(all).await {
        assert_eq!(made.unwrap().warnings, Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_code_needs_the_first_to_be_replaced() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let old = ada.protects(&world, &world.backup("ada")).await;
    assert_eq!(ada.enrolls(&world, None).await.err().unwrap().code, "already_enrolled");
    let made = app::rotate_code(&ada.keepsake, None, &Unwatched).await.unwrap();
    assert_eq!((made.version, made.replaced.unwrap().done), (2, true));
    assert_eq!(ada.drills(&old).await.unwrap_err().code, "wrong_code");
    assert!(ada.drills(&made.code.unwrap()).await.unwrap().confirmed);
}

#[tokio::test(start_paused = true)]
async fn an_old_copy_of_the_backup_says_that_its_code_was_replaced() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    let old = ada.protects(&world, &backup).await;
    let copy = world.backup("a copy");
    copy_folder(&backup, &copy);
    app::rotate_code(&ada.keepsake, None, &Unwatched).await.unwrap();
    let refused = world.computer("new").recovers(&copy, &old).await.unwrap_err();
    assert_eq!(refused.code, "old_code");
    assert_eq!(ada.tries_left().await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_new_code_gives_back_the_tries_that_were_spent_on_the_old_one() {
    let world = World::new().await;
    let ada = world.computer("ada");
    ada.protects_with_own_code(&world, &world.backup("ada")).await;
    for left in [9, 8] {
        let wrong = ada.drills("a wrong guess of mine").await.unwrap_err();
        assert_eq!((wrong.code, wrong.tries_left), ("wrong_code", Some(left)));
    }
    let made = app::rotate_code(&ada.keepsake, None, &Unwatched).await.unwrap();
    assert_eq!(made.warnings, Vec::<String>::new());
    let status = ada.status().await;
    assert_eq!((status.tries_left, status.tries_elsewhere, status.code_version), (10, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_typing_mistake_is_found_before_anybody_is_contacted() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    let last = if code.ends_with('2') { '3' } else { '2' };
    let typo = format!("{}{last}", &code[..code.len() - 1]);
    let new = world.computer("new");
    world.contacts();
    assert_eq!(new.recovers(&backup, &typo).await.unwrap_err().code, "code_typo");
    assert_eq!(world.contacts(), []);
}

#[tokio::test(start_paused = true)]
async fn wrong_tries_of_this_computer_are_not_told_as_somebody_elses() {
    let world = World::new().await;
    let ada = world.computer("ada");
    let backup = world.backup("ada");
    ada.protects_with_own_code(&world, &backup).await;
    ada.drills("a wrong guess of mine").await.unwrap_err();
    let status = ada.status().await;
    assert_eq!((status.tries_left, status.tries_elsewhere), (9, 0));

    let thief = world.computer("thief");
    thief.recovers(&backup, "a guess of the thief").await.unwrap_err();
    let status = ada.status().await;
    assert_eq!((status.tries_left, status.tries_elsewhere), (8, 1));
    assert!(status.tries_by_header && status.can_reset);

    assert!(ada.drills(OWN_CODE).await.unwrap().confirmed);
    let status = ada.status().await;
    assert_eq!((status.tries_left, status.tries_elsewhere, status.can_reset), (10, 0, false));
}

#[tokio::test(start_paused = true)]
async fn what_a_person_gave_up_is_set_aside_and_not_deleted() {
    let world = World::new().await;
    let ada = world.computer("ada");
    ada.protects(&world, &world.backup("ada")).await;
    app::forget_account(&ada.keepsake).unwrap();
    assert_eq!(app::forget_account(&ada.keepsake).unwrap_err().code, "not_enrolled");
    let kept =
        std::fs::read_dir(ada.keepsake.home()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(kept.into_iter().any(|name| name.to_str().unwrap().starts_with("account-until-")));
    assert_eq!(ada.enrolls(&world, None).await.unwrap().version, 1, "another account");
    assert_eq!(
        app::drill(&ada.keepsake, secret("0000"), &Unwatched).await.unwrap_err().code,
        "code_typo"
    );
}
