//! The folder of one person on one computer.

use crate::support::{Computer, home, refused};
use app::{Keepsake, KeyStore, NextStep, Surroundings};

#[tokio::test]
async fn a_home_is_opened_again_with_everything_in_it() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let again = home(computer.keepsake.home());
    let status = app::status(&again).await.unwrap();
    assert_eq!((status.conversations, status.messages, status.attachments), (1, 3, 1));
    assert_eq!((status.device_key, status.passkeys), (KeyStore::File, 0));
    assert!(status.vault.is_none() && status.vault_problem.is_none());
}

#[test]
fn a_damaged_home_file_is_said_and_left_as_it_is() {
    let computer = Computer::new();
    let file = computer.keepsake.home().join("home.json");
    let text = std::fs::read_to_string(&file).unwrap();
    for damaged in
        ["", "{", &text[..text.len() / 2], &text.replace("keepsake/home/v1", "keepsake/home/v9")]
    {
        std::fs::write(&file, damaged).unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let opened = Keepsake::open_in(computer.keepsake.home(), around).map(drop);
        assert_eq!(refused(opened), ("damaged", NextStep::PutHomeFileBack));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged);
    }
    std::fs::write(&file, text).unwrap();
    home(computer.keepsake.home());
}

#[tokio::test]
async fn the_key_of_another_home_opens_nothing_here() {
    let computer = Computer::new();
    computer.imports(&computer.mira()).await.unwrap();
    let other = Computer::new();
    let archive = other.keepsake.home().join("archive");
    let _ = std::fs::remove_dir_all(&archive);
    std::fs::rename(computer.keepsake.home().join("archive"), &archive).unwrap();
    let refusal = app::conversations(&other.keepsake).await;
    assert_eq!(refused(refusal), ("wrong_key", NextStep::UseHomeOfThisKey));
}

#[tokio::test]
async fn a_damaged_list_of_backups_is_said_by_whoever_needs_it() {
    let (computer, repo) = Computer::backed_up().await;
    std::fs::write(computer.keepsake.home().join("places.json"), "[{").unwrap();
    assert_eq!(
        refused(app::status(&computer.keepsake).await),
        ("damaged", NextStep::MovePlacesAway)
    );
    assert_eq!(refused(computer.backs_up(&repo).await), ("damaged", NextStep::MovePlacesAway));
}

#[tokio::test]
async fn what_needs_an_account_says_that_there_is_none() {
    let computer = Computer::new();
    let keepsake = &computer.keepsake;
    assert_eq!(
        refused(app::vault_status(keepsake).await),
        ("not_enrolled", NextStep::MakeCodeFirst)
    );
    assert_eq!(
        refused(app::vault_events(keepsake).await),
        ("not_enrolled", NextStep::MakeCodeFirst)
    );
    assert_eq!(
        refused(app::verify_own_fleet(keepsake).await),
        ("not_enrolled", NextStep::MakeCodeFirst)
    );
    assert_eq!(refused(app::computers(keepsake).await), ("no_backup_key", NextStep::RecoverFirst));
    assert_eq!(
        refused(app::rename_passkey(keepsake, "0123", "Blue key")),
        ("not_found", NextStep::SeePasskeys)
    );
    assert_eq!(
        refused(app::rename_passkey(keepsake, "0123", " ")),
        ("bad_name", NextStep::NamePasskeyAnew)
    );
    assert!(app::carry_on(keepsake).await.unwrap().is_empty());
    assert!(app::key_change_going_on(keepsake).unwrap().is_none());
}
