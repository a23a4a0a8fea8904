//! What the crates below refuse, as a person is told it: a stable code, three sentences, and a step
//! that fits.

use app::{AppError, NextStep};
use backup_engine::BackupError;
use chat_archive::ArchiveError;
use passkey_unlock::PasskeyError;
use sealed_keys::KeyError;
use std::io;
use vault_client::{HeaderPart, VaultError};

#[track_caller]
fn told(refusal: impl Into<AppError>, code: &str, next: NextStep) {
    let error = refusal.into();
    assert_eq!((error.code, error.next), (code, next), "{error:?}");
    for sentence in [&error.happened, &error.safe] {
        assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{sentence}");
        assert!(!sentence.contains("..") && !sentence.contains("  "), "{sentence}");
    }
}

#[test]
fn the_archive_says_what_to_do_with_it() {
    told(ArchiveError::WrongKey, "wrong_key", NextStep::UseHomeOfThisKey);
    told(ArchiveError::Corrupt("page 7 is gone".into()), "damaged", NextStep::RepairArchive);
    told(ArchiveError::DiskFull, "disk_full", NextStep::FreeSpace);
    told(ArchiveError::Busy, "busy", NextStep::CloseOtherKeepsake);
}

#[test]
fn a_backup_says_what_to_do_with_it() {
    told(BackupError::NotARepository, "not_a_backup", NextStep::CheckFolderOrBackUp);
    told(BackupError::AlreadyExists, "already_exists", NextStep::ChooseEmptyFolder);
    told(BackupError::KeyChanged, "key_changed", NextStep::RecoverWithNewCode);
    told(BackupError::LockLost, "busy", NextStep::WaitOrReleaseLock);
    told(BackupError::DiskFull, "disk_full", NextStep::FreeSpaceThere);
    told(BackupError::Cancelled, "cancelled", NextStep::StartAgain);
}

#[test]
fn whose_disk_is_full_is_told_apart() {
    let full = || Box::new(io::Error::from(io::ErrorKind::StorageFull));
    told(BackupError::Source(full()), "disk_full", NextStep::FreeSpaceHere);
    told(BackupError::Sink(full()), "disk_full", NextStep::FreeSpaceHere);
    told(BackupError::DiskFull, "disk_full", NextStep::FreeSpaceThere);
    let other = Box::new(io::Error::from(io::ErrorKind::PermissionDenied));
    told(BackupError::Source(other), "backup_failed", NextStep::CheckThisDisk);
}

#[test]
fn keys_say_which_other_way_there_is() {
    told(KeyError::NoSuchSlot, "no_way_in", NextStep::ChooseAnotherWayIn);
    told(KeyError::LastSlot, "last_way_in", NextStep::AddAnotherWayInFirst);
    told(KeyError::UnknownComputer, "unknown_computer", NextStep::RecoverIfThatWasYou);
}

#[test]
fn the_vault_says_whether_it_cost_a_try() {
    told(VaultError::NoSuchAccount, "no_such_account", NextStep::MatchBackupAndFleet);
    told(VaultError::NoCode, "no_code", NextStep::MakeCodeOrUsePasskey);
    told(VaultError::Removed, "removed", NextStep::MakeCodeAfterRemoval);
    told(VaultError::NotOwner, "not_owner", NextStep::RecoverWithCurrentCode);
    told(VaultError::OlderFleet, "old_vault", NextStep::AskForNewerFleet);
    told(VaultError::OldCode { current: 3 }, "old_code", NextStep::UseNewestCopyAndCode);
    told(VaultError::TooSoon { seconds: 90 }, "too_soon", NextStep::WaitAndCheckCode);
    told(
        VaultError::HeaderAltered(HeaderPart::Access),
        "header_altered",
        NextStep::StopUsingThisCopy,
    );
    let spared =
        [VaultError::NoSuchAccount, VaultError::NotOwner, VaultError::TooSoon { seconds: 1 }];
    for refusal in spared {
        assert!(AppError::from(refusal).safe.contains("No try was spent"));
    }
}

#[test]
fn a_code_that_is_used_up_is_told_from_one_that_is_gone() {
    let frozen = AppError::from(VaultError::Frozen { seconds: 3 * 86_400 });
    assert_eq!(
        (frozen.code, frozen.next, frozen.tries_left),
        ("frozen", NextStep::GiveTriesBack, Some(0))
    );
    assert!(frozen.happened.contains("3 days"), "{}", frozen.happened);
    let destroyed = AppError::from(VaultError::Destroyed);
    assert_eq!(destroyed.next, NextStep::MakeCodeAfterDestruction);
    assert!(destroyed.safe.contains("offline key"), "{}", destroyed.safe);
}

#[test]
fn passkeys_say_what_to_do_with_the_key_in_hand() {
    told(PasskeyError::NoPasskey, "no_passkey_here", NextStep::UsePasskeyElsewhere);
    told(PasskeyError::AlreadyThere, "passkey_exists", NextStep::UsePasskeyThatIsThere);
    told(PasskeyError::Replug, "security_key", NextStep::ReplugSecurityKey);
    told(PasskeyError::KeyBlocked, "security_key", NextStep::ResetSecurityKey);
    told(PasskeyError::NoDevice, "security_key", NextStep::PlugSecurityKeyIn);
    told(PasskeyError::Wiped, "pin_wiped", NextStep::UseCodeThenAddPasskeyHere);
    told(PasskeyError::PinLength { least: 4, most: 63 }, "pin_length", NextStep::ChooseAnotherPin);
    let wrong = AppError::from(PasskeyError::WrongPin { tries_left: 1, wait_seconds: 0 });
    assert_eq!((wrong.next, wrong.tries_left), (NextStep::TypePinAgain, Some(1)));
    assert!(wrong.happened.contains("1 try is left"), "{}", wrong.happened);
    told(VaultError::PasskeyInvalid, "passkey_refused", NextStep::TryPasskeyAgain);
    told(VaultError::ChallengeExpired, "challenge_expired", NextStep::StartAgainWithKeyAtHand);
    told(VaultError::NoSuchPasskey, "passkey_removed", NextStep::UseCodeOrPasskey);
}
