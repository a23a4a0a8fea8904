//! A computer is stolen, or a key leaks: the backup key is changed.

use crate::support::{Computer, World, copy_folder, secret};
use app::model::{ComputerView, KeyChangePlan, KeyChangeReport, PendingKind};
use app::{FleetPin, KeyChange, NextStep, Progress, Result, Stay, Unwatched, Watch};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

fn change(stay: Stay) -> KeyChange {
    KeyChange { stay, fleet_url: None, without_vault: false, own_code: None, offline_key: false }
}

fn nobody_else() -> KeyChange {
    change(Stay::These(vec![]))
}

async fn backs_up(computer: &Computer, backup: &str) -> Result<Vec<String>> {
    let report = app::back_up(&computer.keepsake, backup, Duration::ZERO, &Unwatched).await?;
    Ok(report.notices)
}

async fn prepares(computer: &Computer, wanted: KeyChange) -> KeyChangePlan {
    app::prepare_key_change(&computer.keepsake, wanted, &Unwatched).await.unwrap()
}

async fn changes(computer: &Computer) -> KeyChangeReport {
    let report = app::change_key(&computer.keepsake, &Unwatched).await.unwrap();
    assert_eq!(report.warnings, [""; 0]);
    report
}

/// Opens the backup of `owner` on a computer that had nothing so far, with a code.
async fn comes_back(world: &World, name: &str, backup: &str, code: &str) -> Result<()> {
    let new = world.computer(name);
    new.recovers(backup, code).await?;
    app::restore(&new.keepsake, backup, None, &Unwatched).await.map(drop)
}

async fn others(computer: &Computer) -> Vec<ComputerView> {
    let all = app::computers(&computer.keepsake).await.unwrap().computers;
    all.into_iter().filter(|c| !c.this_computer).collect()
}

/// A second computer of the person, that backs up to the same place.
async fn second(world: &World, name: &str, backup: &str, code: &str) -> Computer {
    let computer = world.computer(name);
    computer.recovers(backup, code).await.unwrap();
    backs_up(&computer, backup).await.unwrap();
    computer
}

#[tokio::test(start_paused = true)]
async fn the_old_code_and_the_old_offline_key_open_nothing_after_a_change() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let old = ada.protects(&world, &backup).await;
    let paper = app::add_offline_key(&ada.keepsake, &backup).await.unwrap().key;
    let stolen = world.backup("stolen");
    copy_folder(&backup, &stolen);

    let wanted = KeyChange { offline_key: true, ..nobody_else() };
    let plan = prepares(&ada, wanted).await;
    let new = plan.code.unwrap();
    assert_ne!(new, old);
    // Nothing counts on the new ones yet.
    comes_back(&world, "early", &backup, &old).await.unwrap();
    let report = changes(&ada).await;
    assert_eq!((report.changed, report.waiting.len()), (vec![backup.clone()], 0));
    assert!(report.old_account.unwrap().done);
    backs_up(&ada, &backup).await.unwrap();

    comes_back(&world, "back", &backup, &new).await.unwrap();
    comes_back(&world, "thief", &backup, &old).await.unwrap_err();
    let out = |name: &str| world.home(name);
    let decrypts = async |digits: &str, name: &str| {
        app::decrypt_backup(&backup, secret(digits), &out(name), &Unwatched)
            .await
            .map(|r| r.problems.len())
    };
    assert_eq!(decrypts(&paper, "a").await.unwrap_err().code, "wrong_key");
    assert_eq!(decrypts(&plan.offline_key.unwrap(), "b").await.unwrap(), 0);
    // The thief's own copy has the old slots, and the vault has no such account any more.
    let refused = comes_back(&world, "thief with a copy", &stolen, &old).await.unwrap_err();
    assert_eq!(refused.code, "removed");
    assert_eq!(app::key_change_going_on(&ada.keepsake).unwrap(), None);
    assert!(ada.drills(&new).await.unwrap().confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_removed_computer_is_told_so_and_the_others_go_on_by_themselves() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let desk = world.computer("desk");
    let code = desk.protects(&world, &backup).await;
    let laptop = second(&world, "laptop", &backup, &code).await;
    let before = others(&desk).await;
    let tablet = second(&world, "tablet", &backup, &code).await;
    // All have met each other in the header.
    for computer in [&desk, &laptop, &tablet] {
        backs_up(computer, &backup).await.unwrap();
    }
    let [stolen] = &before[..] else { panic!("{before:?}") };

    let plan = prepares(&desk, change(Stay::AllBut(stolen.id[..8].into()))).await;
    assert_eq!((plan.stay.len(), plan.leave.as_slice()), (1, &before[..]));
    changes(&desk).await;

    let refused = backs_up(&laptop, &backup).await.unwrap_err();
    assert_eq!(refused.code, "computer_removed");
    assert!(
        refused.happened.contains("This computer was removed from the backup"),
        "{}",
        refused.happened
    );
    assert_eq!(
        app::snapshots(&laptop.keepsake, &backup).await.unwrap_err().code,
        "computer_removed"
    );

    let notices = backs_up(&tablet, &backup).await.unwrap();
    assert!(
        notices.len() == 1 && notices[0].contains("this computer took the new one. Removed: "),
        "{notices:?}"
    );
    assert_eq!(backs_up(&tablet, &backup).await.unwrap(), [""; 0]);
    assert_eq!(others(&desk).await.len(), 1);
    assert!(!tablet.has("account.json"), "the old code is no way in any more");
    app::carry_on(&tablet.keepsake).await.unwrap();
    assert!(
        tablet.drills(plan.code.as_deref().unwrap()).await.unwrap().confirmed,
        "the new one came along"
    );

    // Its owner finds the laptop again.
    laptop.recovers(&backup, plan.code.as_deref().unwrap()).await.unwrap();
    backs_up(&laptop, &backup).await.unwrap();
    assert_eq!(others(&desk).await.len(), 2);
}

/// Whoever found the offline key has the backup key, and can write a header of his own.
#[tokio::test(start_paused = true)]
async fn a_new_key_from_a_computer_that_was_never_met_is_not_taken() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let desk = world.computer("desk");
    let code = desk.protects(&world, &backup).await;
    let thief = world.computer("thief");
    thief.recovers(&backup, &code).await.unwrap();
    backs_up(&thief, &backup).await.unwrap();
    // The desk has not looked since; the thief gives it a new key.
    let id = &others(&thief).await[0].id;
    prepares(&thief, change(Stay::These(vec![id.clone()]))).await;
    changes(&thief).await;
    let refused = backs_up(&desk, &backup).await.unwrap_err();
    assert_eq!(refused.code, "unknown_computer");
    assert_eq!(refused.next, NextStep::RecoverIfThatWasYou);
}

#[tokio::test(start_paused = true)]
async fn of_two_computers_that_change_the_key_at_once_one_is_overtaken() {
    let world = World::new().await;
    let (near, far) = (world.backup("near"), world.backup("far"));
    let desk = world.computer("desk");
    let code = desk.protects(&world, &near).await;
    let laptop = second(&world, "laptop", &near, &code).await;
    backs_up(&desk, &near).await.unwrap();
    let stays = |computer: &str| change(Stay::These(vec![computer.into()]));
    let of = others(&desk).await[0].id.clone();
    prepares(&laptop, nobody_else()).await;
    let plan = prepares(&desk, stays(&of)).await;
    changes(&desk).await;
    let refused = app::change_key(&laptop.keepsake, &Unwatched).await.unwrap_err();
    assert_eq!(refused.code, "overtaken");
    assert_eq!(app::key_change_going_on(&laptop.keepsake).unwrap(), None);
    backs_up(&laptop, &near).await.unwrap();

    // The laptop decides while the backup is away, and the desk comes first there.
    prepares(&laptop, nobody_else()).await;
    std::fs::rename(&near, &far).unwrap();
    let report = app::change_key(&laptop.keepsake, &Unwatched).await.unwrap();
    assert_eq!(report.waiting, std::slice::from_ref(&near));
    std::fs::rename(&far, &near).unwrap();
    prepares(&desk, stays(&of)).await;
    changes(&desk).await;
    let notices = backs_up(&laptop, &near).await.unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(app::key_change_going_on(&laptop.keepsake).unwrap(), None);
    comes_back(&world, "old", &near, &plan.code.unwrap()).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn the_old_code_for_a_backup_in_a_drawer_does_not_take_the_new_one_away() {
    let world = World::new().await;
    let (near, drawer) = (world.backup("near"), world.backup("drawer"));
    let ada = world.computer("ada");
    let old = ada.protects(&world, &near).await;
    backs_up(&ada, &drawer).await.unwrap();
    std::fs::rename(&drawer, world.backup("away")).unwrap();
    let new = prepares(&ada, nobody_else()).await.code.unwrap();
    app::change_key(&ada.keepsake, &Unwatched).await.unwrap();
    ada.recovers(&world.backup("away"), &old).await.unwrap();
    assert!(ada.drills(&new).await.unwrap().confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_backup_that_is_away_keeps_its_ways_in_until_it_is_back() {
    let world = World::new().await;
    let (near, far) = (world.backup("near"), world.backup("far"));
    let ada = world.computer("ada");
    let old = ada.protects(&world, &near).await;
    backs_up(&ada, &far).await.unwrap();
    let drawer = world.backup("in the drawer");
    std::fs::rename(&far, &drawer).unwrap();

    let plan = prepares(&ada, nobody_else()).await;
    assert!(
        plan.warnings.iter().any(|w| w.contains("That backup keeps the old key")),
        "{:?}",
        plan.warnings
    );
    let report = app::change_key(&ada.keepsake, &Unwatched).await.unwrap();
    assert_eq!((report.changed, report.waiting), (vec![near.clone()], vec![far.clone()]));
    assert_eq!(report.old_account, None, "the backup in the drawer has no other");
    comes_back(&world, "old code", &drawer, &old).await.unwrap();
    let going_on = app::key_change_going_on(&ada.keepsake).unwrap().unwrap();
    assert_eq!((going_on.prepared_only, going_on.waiting), (false, vec![far.clone()]));

    std::fs::rename(&drawer, &far).unwrap();
    backs_up(&ada, &far).await.unwrap();
    comes_back(&world, "new code", &far, plan.code.as_deref().unwrap()).await.unwrap();
    app::carry_on(&ada.keepsake).await.unwrap();
    assert_eq!(app::key_change_going_on(&ada.keepsake).unwrap(), None);
    comes_back(&world, "thief", &far, &old).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn the_vault_is_told_by_and_by_when_its_sites_are_away() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    ada.protects(&world, &backup).await;
    prepares(&ada, nobody_else()).await;
    world.kill(&[4, 5]);
    let spread = changes(&ada).await.old_account.unwrap();
    assert_eq!((spread.acknowledged, spread.done), (3, false));
    assert_eq!(app::key_change_going_on(&ada.keepsake).unwrap(), None, "the rest is an errand");
    world.start(&[4, 5]).await;
    let left = app::carry_on(&ada.keepsake).await.unwrap();
    assert!(!left.iter().any(|pending| pending.kind == PendingKind::Removal), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_vault_an_offline_key_is_enough() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    backs_up(&ada, &backup).await.unwrap();
    let paper = app::add_offline_key(&ada.keepsake, &backup).await.unwrap().key;
    let plan = prepares(&ada, KeyChange { offline_key: true, ..nobody_else() }).await;
    assert_eq!(plan.code, None);
    changes(&ada).await;
    assert_eq!(world.contacts(), []);
    let digits = plan.offline_key.unwrap();
    app::decrypt_backup(&backup, secret(&digits), &world.home("a"), &Unwatched).await.unwrap();
    app::decrypt_backup(&backup, secret(&paper), &world.home("b"), &Unwatched).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_change_can_be_given_up_before_it_is_made_and_not_after() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let code = ada.protects(&world, &backup).await;
    prepares(&ada, nobody_else()).await;
    assert!(app::key_change_going_on(&ada.keepsake).unwrap().unwrap().prepared_only);
    app::give_up_key_change(&ada.keepsake).await.unwrap();
    assert_eq!(app::key_change_going_on(&ada.keepsake).unwrap(), None);
    assert_eq!(
        app::change_key(&ada.keepsake, &Unwatched).await.unwrap_err().code,
        "nothing_prepared"
    );
    assert!(ada.drills(&code).await.unwrap().confirmed);

    prepares(&ada, nobody_else()).await;
    std::fs::rename(&backup, world.backup("away")).unwrap();
    app::change_key(&ada.keepsake, &Unwatched).await.unwrap();
    assert_eq!(app::give_up_key_change(&ada.keepsake).await.unwrap_err().code, "too_late");
}

#[tokio::test(start_paused = true)]
async fn with_too_few_sites_nothing_is_changed() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    let code = ada.protects(&world, &backup).await;
    world.kill(&[3, 4, 5]);
    let refused =
        app::prepare_key_change(&ada.keepsake, nobody_else(), &Unwatched).await.err().unwrap();
    assert_eq!(refused.code, "too_few_sites");
    assert!(refused.safe.contains("your old code and key go on working"), "{}", refused.safe);
    world.start(&[3, 4, 5]).await;
    comes_back(&world, "back", &backup, &code).await.unwrap();
    // Once more, in the account that was begun.
    let plan = prepares(&ada, nobody_else()).await;
    changes(&ada).await;
    comes_back(&world, "again", &backup, plan.code.as_deref().unwrap()).await.unwrap();
}

/// Who has the old key could have named a fleet of his own in the header.
#[tokio::test(start_paused = true)]
async fn a_fleet_that_only_the_header_names_is_not_given_the_new_code() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    ada.protects(&world, &backup).await;
    std::fs::remove_file(ada.keepsake.home().join("account.json")).unwrap();
    world.contacts();
    let refused =
        app::prepare_key_change(&ada.keepsake, nobody_else(), &Unwatched).await.err().unwrap();
    assert_eq!(refused.code, "fleet_needed");
    assert_eq!(world.contacts(), []);
    let named = KeyChange { fleet_url: Some(world.url()), ..nobody_else() };
    let plan = prepares(&ada, named).await;
    // The account that this computer did not know is removed all the same.
    assert!(changes(&ada).await.old_account.unwrap().done);
    comes_back(&world, "back", &backup, &plan.code.unwrap()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn computers_are_named_without_doubt() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let desk = world.computer("desk");
    let code = desk.protects(&world, &backup).await;
    second(&world, "laptop", &backup, &code).await;
    second(&world, "tablet", &backup, &code).await;
    let all = app::computers(&desk.keepsake).await.unwrap().computers;
    assert!(all[0].this_computer && all.len() == 3);
    let refused = async |name: &str| {
        let wanted = change(Stay::AllBut(name.into()));
        app::prepare_key_change(&desk.keepsake, wanted, &Unwatched).await.err().unwrap().code
    };
    assert_eq!(refused("nobody").await, "not_found");
    assert_eq!(refused(&all[1].name).await, "two_computers");
    assert_eq!(refused(&all[0].id).await, "own_computer");
    assert_eq!(app::key_change_going_on(&desk.keepsake).unwrap(), None);
}

/// A thief with an offline key may join, to pass a key of his own on later.
#[tokio::test(start_paused = true)]
async fn a_computer_that_joins_is_told_of_at_the_others() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let desk = world.computer("desk");
    let code = desk.protects(&world, &backup).await;
    let laptop = second(&world, "laptop", &backup, &code).await;
    let notices = backs_up(&desk, &backup).await.unwrap();
    assert!(
        notices.len() == 1 && notices[0].contains("is a new computer in this backup"),
        "{notices:?}"
    );
    assert_eq!(backs_up(&desk, &backup).await.unwrap(), [""; 0]);
    assert_eq!(backs_up(&laptop, &backup).await.unwrap(), [""; 0], "it met the desk when it came");
}

/// Dies at the nth report of progress.
struct Dies(AtomicU64);

impl Watch for Dies {
    fn progress(&self, _: Progress) {
        assert!(self.0.fetch_sub(1, Ordering::SeqCst) > 0, "killed");
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// At every moment a code that the person has on paper opens the backup, and a second run does the
/// rest.
#[tokio::test(start_paused = true)]
async fn a_change_that_dies_at_any_step_leaves_a_way_in_and_is_finished_by_the_next_run() {
    std::panic::set_hook(Box::new(|_| {}));
    for step in 0.. {
        let world = World::new().await;
        let backup = world.backup("ada");
        let ada = world.computer("ada");
        let old = ada.protects(&world, &backup).await;
        let new = prepares(&ada, nobody_else()).await.code.unwrap();
        let dying = Dies(AtomicU64::new(step));
        let died =
            AssertUnwindSafe(app::change_key(&ada.keepsake, &dying)).catch_unwind().await.is_err();

        let by_old = comes_back(&world, "old", &backup, &old).await.is_ok();
        let by_new = comes_back(&world, "new", &backup, &new).await.is_ok();
        assert!(by_old != by_new, "killed at step {step}: old {by_old}, new {by_new}");
        if !died {
            assert!(by_new && step > 4, "step {step}");
            break;
        }
        // The second run begins as the first one did, and has the same code.
        if app::key_change_going_on(&ada.keepsake).unwrap().is_some() {
            assert_eq!(
                prepares(&ada, nobody_else()).await.code.as_ref(),
                Some(&new),
                "killed at step {step}"
            );
            changes(&ada).await;
        }
        backs_up(&ada, &backup).await.unwrap();
        comes_back(&world, "after", &backup, &new).await.unwrap();
        comes_back(&world, "thief", &backup, &old).await.unwrap_err();
        assert_eq!(app::key_change_going_on(&ada.keepsake).unwrap(), None);
    }
}

/// The files of this computer, as a crash between any two writes leaves them.
#[tokio::test(start_paused = true)]
async fn a_crash_between_the_files_of_this_computer_is_finished_by_the_next_backup() {
    std::panic::set_hook(Box::new(|_| {}));
    let world = World::new().await;
    let backup = world.backup("ada");
    let ada = world.computer("ada");
    ada.protects(&world, &backup).await;
    let new = prepares(&ada, nobody_else()).await.code.unwrap();
    let decided = Dies(AtomicU64::new(1));
    AssertUnwindSafe(app::change_key(&ada.keepsake, &decided)).catch_unwind().await.unwrap_err();
    let kept = world.home("kept");
    copy_folder(world.home("ada").to_str().unwrap(), kept.to_str().unwrap());
    let place = world.backup("kept");
    copy_folder(&backup, &place);
    changes(&ada).await;
    let after = world.home("after");
    copy_folder(world.home("ada").to_str().unwrap(), after.to_str().unwrap());

    let put = |name: &str| {
        std::fs::copy(after.join(name), world.home("ada").join(name)).map(drop).unwrap()
    };
    let crashes: [&dyn Fn(); 3] = [
        &|| std::fs::remove_file(world.home("ada").join("account.json")).unwrap(),
        &|| put("keys.json"),
        &|| put("account.json"),
    ];
    for writes in 0..=crashes.len() {
        for (from, to) in
            [(&kept, world.home("ada")), (&place.clone().into(), backup.clone().into())]
        {
            std::fs::remove_dir_all(&to).unwrap();
            copy_folder(from.to_str().unwrap(), to.to_str().unwrap());
        }
        crashes[..writes].iter().for_each(|crash| crash());
        let again = world.computer("ada");
        backs_up(&again, &backup).await.unwrap();
        let text = std::fs::read_to_string(Path::new(&backup).join("keepsake.json")).unwrap();
        assert!(text.contains("\"former\""), "after {writes} writes");
        assert!(again.drills(&new).await.is_ok(), "after {writes} writes");
        let pin = FleetPin::Sheet(world.fingerprint());
        let fresh = world.computer(&format!("fresh {writes}"));
        app::recover(&fresh.keepsake, &backup, Some(&pin), secret(&new), &Unwatched).await.unwrap();
    }
}
