//! What a person can do about a failure, in the words of the command line.

use app::NextStep;

/// A step in words, and what to type for it.
pub(crate) struct Words {
    pub sentence: &'static str,
    pub command: Option<&'static str>,
}

const fn says(sentence: &'static str) -> Words {
    Words { sentence, command: None }
}

const fn typed(sentence: &'static str, command: &'static str) -> Words {
    Words { sentence, command: Some(command) }
}

/// Every step has words: the compiler asks for those of a new one.
pub(crate) fn words(step: NextStep) -> Words {
    match step {
        // General.
        NextStep::TryAgain => says("Try again."),
        NextStep::StartAgain => says("Start again whenever you like."),
        NextStep::FreeSpace => says("Free some space and try again."),
        NextStep::CheckDisk => says("Check the disk and try again."),
        NextStep::CheckDiskAndPermissions => {
            says("Check the disk and the folder's permissions, then try again.")
        }
        NextStep::CheckConnection => says("Check your connection and try again."),
        NextStep::CheckPath => says("Check the path."),
        NextStep::UpdateKeepsake => says("Update Keepsake."),
        // This computer's home and its keys.
        NextStep::NameHome => typed("Name a folder for Keepsake.", "--home DIR"),
        NextStep::UseNewHome => {
            typed("Restore into a new home folder, so that neither backup is lost.", "--home DIR")
        }
        NextStep::PutHomeFileBack => {
            says("Choose another home folder, or put the file home.json back from a copy.")
        }
        NextStep::RecoverIntoNewHome => says("Recover into a new home folder with your code."),
        NextStep::RecoverIntoEmptyHome => {
            says("Choose a new, empty home folder and recover from the backup with your code.")
        }
        NextStep::CheckHome => says("Check the home folder and its permissions."),
        NextStep::UseHomeOfThisKey => {
            says("Use the home folder that belongs to this computer's key.")
        }
        NextStep::StartKeyringService => typed(
            "Start a keyring service, for example gnome-keyring.",
            "KEEPSAKE_KEY_STORE=file keeps this computer's key in a file instead",
        ),
        NextStep::UnlockKeyring => says("Unlock the keyring, allow access, and try again."),
        // Chats.
        NextStep::SeeChats => typed("Look at the list of chats again.", "keepsake chats list"),
        NextStep::CloseOtherKeepsake => {
            says("Close the other Keepsake window or command and try again.")
        }
        NextStep::RepairArchive => typed(
            "Repair the archive: that saves what can be read, and brings the rest from your backups.",
            "keepsake archive repair",
        ),
        NextStep::PlugBackupInAndRepair => typed(
            "Plug in the disk with your backup and repair again, or import your exports into a new home folder.",
            "keepsake archive repair (or --home DIR)",
        ),
        NextStep::UseNameInChat => says("Use a name as the chat shows it."),
        NextStep::LeaveOptionOut => {
            says("Leave the option out, and the export is examined instead.")
        }
        NextStep::SayDateOrder => typed(
            "Say how the dates are written: the day, the month or the year first.",
            "--date-order dmy, mdy or ymd",
        ),
        NextStep::GiveMessengersExport => {
            says("Export the chat again from the messenger, and give Keepsake the file it makes.")
        }
        NextStep::ExportAgain => {
            says("Export the chat again from the messenger, then import the new file.")
        }
        NextStep::UnpackExport => says("Unpack it with its password and import the folder."),
        NextStep::GiveKeyringPassword => typed(
            "Give the password that the keyring has for Signal; the guide to exports says how it is shown.",
            "set KEEPSAKE_EXPORT_KEY, or use --key-file FILE",
        ),
        NextStep::GiveExportKey => typed(
            "Give the 64 digits that WhatsApp showed when the encrypted backup was turned on, or the phone's key file. \
             A backup that a password protects is opened by WhatsApp alone: turn it off there, and on again with a \
             64-digit key.",
            "set KEEPSAKE_EXPORT_KEY, or use --key-file FILE",
        ),
        NextStep::ExportInSignalOrGiveKey => typed(
            "Export the chats in Signal instead, where it offers that, or give the 64 digits of the database's key.",
            "set KEEPSAKE_EXPORT_KEY",
        ),
        NextStep::GiveWholeSignalFolder => says(
            "Give the whole folder Signal, with config.json, sql and attachments.noindex in it.",
        ),
        NextStep::CheckExportKey => says("Check the key, and whether it is of this backup."),
        NextStep::CopyFromPhoneAgain => says("Copy the file from the phone again."),
        NextStep::ExportToReadAttachment => says("Export the chat to get at it."),
        NextStep::SaveAttachment => says("Save the file instead, and open it where you trust it."),
        NextStep::CopyLink => says("Copy the text of the message instead."),
        NextStep::ChooseNewName => says("Choose a new name in a folder you can write to."),
        NextStep::ExportRangeOrAnotherForm => says("Export a range of days, or another form."),
        NextStep::ExportAnotherForm => says("Export another form."),
        NextStep::SeePeople => typed("Look at the list of people again.", "keepsake people list"),
        NextStep::GiveAnotherName => says("Give another name, or take the name back."),
        // Backups.
        NextStep::ChooseFolder => says("Give a folder, such as /media/disk/keepsake."),
        NextStep::ChooseEmptyFolder => says("Choose an empty folder."),
        NextStep::ChooseNewFolder => typed("Choose a new folder.", "--out DIR"),
        NextStep::ChooseNewFile => typed("Choose a new file.", "--out FILE"),
        NextStep::ConnectPlace => {
            says("Plug the disk in or connect the share, or check the path, and try again.")
        }
        NextStep::CheckPlace => says("Check the place of the backup and try again."),
        NextStep::CheckPlaceAddress => says(
            "Check the address: https://host/path, s3://bucket/folder, sftp://name@host/path or rclone:remote:path.",
        ),
        NextStep::CheckPlaceConnection => {
            says("Check the connection and whether the server runs, and try again.")
        }
        NextStep::CheckPlaceLogin => typed(
            "Check the name and the password, and give them again.",
            "keepsake backup place add --repo URL",
        ),
        NextStep::GivePlaceLogin => typed(
            "Give the name and the password of the place.",
            "keepsake backup place add --repo URL (or set KEEPSAKE_PLACE_NAME and KEEPSAKE_PLACE_SECRET)",
        ),
        NextStep::LeavePasswordOut => {
            says("Give the address without it; it is asked for and stored sealed.")
        }
        NextStep::ChooseAnotherPlace => says("Choose another place for the backup."),
        NextStep::DownloadBackup => says("Download the backup's folder, and give the folder."),
        NextStep::InstallRclone => says("Install rclone, or choose another place."),
        NextStep::SetUpRclone => {
            typed("Set the place up in rclone, and give its name there.", "rclone config")
        }
        NextStep::CheckFolderOrBackUp => typed(
            "Check the folder, or back up to it for the first time.",
            "keepsake backup create --repo FOLDER",
        ),
        NextStep::BackUpFirst => says("Back up first."),
        NextStep::FreeSpaceHere => {
            says("Free some space on this computer and start again: it goes on from there.")
        }
        NextStep::FreeSpaceThere => says("Free some space there, or choose another place."),
        NextStep::CheckThisDisk => says("Check this computer's disk and try again."),
        NextStep::WaitOrReleaseLock => typed(
            "Wait until that has ended, then try again. If nobody works there, release the place.",
            "keepsake backup unlock (or --wait SECONDS)",
        ),
        NextStep::CheckBackup => typed(
            "Check the backup, and read every byte of it.",
            "keepsake backup check --read-data",
        ),
        NextStep::RepairBackup => typed(
            "Repair the backup: that puts back what there is a copy of. Restoring brings everything that is whole.",
            "keepsake backup repair",
        ),
        NextStep::FindNewestOrAcceptOlder => typed(
            "Somebody put an older copy in its place. Find the newest copy; or if you put the older one there yourself, go on from it.",
            "keepsake backup accept-older",
        ),
        NextStep::SeeBackups => typed("Look at the list of backups again.", "keepsake backup list"),
        NextStep::SeeChatsOfBackup => {
            typed("Look at the list of its chats.", "keepsake backup browse")
        }
        NextStep::RestoreMediaWithMessages => {
            says("Restore messages of that chat or time with their media, or all media.")
        }
        NextStep::SaySnapshotsToKeep => typed(
            "Say how many snapshots stay: of the newest, or of days, weeks, months, years.",
            "keepsake backup prune --keep 10 --keep-monthly 12",
        ),
        NextStep::ReportMessage => says("This message cannot be backed up; please report it."),
        NextStep::MovePlacesAway => says("Move the file away; the next backup makes it again."),
        NextStep::UseAnotherCopy => says("Use another copy of the backup."),
        NextStep::UseAnotherCopyOrOfflineKey => {
            says("Use another copy of the backup, or its offline key.")
        }
        NextStep::MatchKeyAndBackup => {
            says("Make sure that the key and the backup belong together.")
        }
        NextStep::ChooseAnotherWayIn => says(
            "Choose another way: recovery code, offline key, or the computer that made the backup.",
        ),
        NextStep::AddAnotherWayInFirst => says("Add another way first."),
        NextStep::SeeOfflineKeys => {
            typed("Look at the list of offline keys again.", "keepsake backup offline-keys")
        }
        NextStep::SeeKits => says("Look at the list of recovery kits again."),
        NextStep::MoveKitsAway => {
            says("Move the file away, and print a new recovery kit: the old ones keep working.")
        }
        NextStep::MoveUnsavedCodeAway => {
            says("Move the file away, and prove your recovery code before you rely on it.")
        }
        NextStep::MoveProofsAway => says("Move the file away. It only remembers your last drill."),
        NextStep::CompareOfflineKey => says(
            "Compare it with your paper: 24 words, or 64 digits of 0 to 9 and a to f, four at a time.",
        ),
        NextStep::RecoverFirst => typed(
            "Recover with your code first, or restore with an offline key.",
            "keepsake vault recover --repo … (or keepsake backup restore --offline-key --repo …)",
        ),
        NextStep::RecoverWithCodeOfBackup => {
            says("Recover with the code that belongs to this backup, into a new home.")
        }
        NextStep::RecoverWithNewCode => says(
            "Recover here with the new recovery code or the new offline key, or make a backup in another folder.",
        ),
        NextStep::RecoverOrLeaveBackup => typed(
            "If you want to use it here again, recover with the new recovery code. If nobody of yours changed the key, back up to another folder.",
            "keepsake vault recover --repo …",
        ),
        NextStep::RecoverIfThatWasYou => says(
            "If that was you, recover on this computer with your new code. If not, somebody who has your old key did it: back up to another folder.",
        ),
        // Another backup key.
        NextStep::BeginKeyChange => {
            typed("Begin with making the new recovery code.", "keepsake backup rekey")
        }
        NextStep::BeginKeyChangeAgain => {
            typed("If that change is not enough, begin again.", "keepsake backup rekey")
        }
        NextStep::MoveKeyChangeAway => says("Move the file away and change the key once more."),
        NextStep::FinishKeyChange => typed(
            "Finish it: that does no harm, and the old code is of no use any more where it is done.",
            "keepsake backup rekey --finish",
        ),
        NextStep::NameFleetOfNewCode => typed(
            "Give the address of the fleet that is to hold the new code, or say that there is to be none.",
            "--fleet URL, or --without-vault",
        ),
        NextStep::SeeComputers => typed(
            "Look at the list of computers again. A computer is on it once it has backed up.",
            "keepsake backup computers list",
        ),
        NextStep::NameComputerById => {
            typed("Name it by the first eight digits of its id.", "keepsake backup computers list")
        }
        NextStep::RemoveFromAnotherComputer => says(
            "Remove it from another of your computers. To stop backing up from here, nothing has to be removed.",
        ),
        // What runs by itself.
        NextStep::ChooseScheduleAgain => {
            typed("Choose again how often backups are made.", "keepsake background schedule daily")
        }
        NextStep::LeaveWindowOpen => typed(
            "Leave the window open, which makes the same backups, or have something else start a run.",
            "keepsake background run, every quarter of an hour",
        ),
        NextStep::InstallCommand => says(
            "Install Keepsake with its command, so that both programs are in one folder. The open window makes the same backups meanwhile.",
        ),
        NextStep::MoveWatchedAway => {
            says("Move the file away, and name the folders again that are to be watched.")
        }
        NextStep::UnwatchFolder => {
            typed("Take one of them away first.", "keepsake background unwatch --folder DIR")
        }
        // The recovery code.
        NextStep::MakeCodeFirst => {
            typed("Make a recovery code first.", "keepsake vault enroll --fleet URL")
        }
        NextStep::MakeCode => typed("Make a recovery code.", "keepsake vault enroll --fleet URL"),
        NextStep::MakeCodeOrUsePasskey => {
            typed("Use a passkey, or make a recovery code.", "keepsake vault enroll --fleet URL")
        }
        NextStep::MakeCodeAfterRemoval => typed(
            "On a computer that has your chats, make a new recovery code.",
            "keepsake vault enroll --fleet URL --replace",
        ),
        NextStep::MakeCodeAfterDestruction => typed(
            "On a computer that still has your chats, make a new recovery code.",
            "keepsake vault rotate-code",
        ),
        NextStep::MakeCodeAtNewKeys => typed(
            "On a computer that has your chats, make a new code on the Recovery page. Without such a computer the 64-digit offline key opens the backup.",
            "keepsake vault enroll --fleet URL",
        ),
        NextStep::MakeCodeAtNewFleet => typed(
            "On a computer that has your chats, make a new code at a fleet of today, and back up again. Otherwise the 64-digit offline key opens the backup.",
            "keepsake vault enroll --fleet URL",
        ),
        NextStep::MakeCodeAndBackUp => {
            typed("Make a new recovery code and back up again.", "keepsake vault rotate-code")
        }
        NextStep::ReplaceCode => typed(
            "To get a new code there, replace the code on the Recovery page.",
            "keepsake vault rotate-code; to move to another fleet: keepsake vault enroll --replace",
        ),
        NextStep::AddCodeAtFleetOfPasskeys => typed(
            "Add the code at their fleet, whose address stands on the Fleet page.",
            "keepsake status names it; to leave that fleet: keepsake vault enroll --replace",
        ),
        NextStep::ChooseLongerCode => says("Choose a longer one, or let Keepsake make one."),
        NextStep::CompareCode => {
            says("Compare it with your recovery sheet, character by character.")
        }
        NextStep::CheckCodeBeforeNextTry => says(
            "Check the code on your recovery sheet before the next try. After the last one the code is frozen for seven days, in which any computer that opens your backups can give the tries back; then the vault destroys its copy for good.",
        ),
        NextStep::CompareCodeOrStop => says(
            "Compare the code with your recovery sheet. If it is the right one, the backup was probably altered: stop here, and use another copy of it.",
        ),
        NextStep::StopUsingThisCopy => says(
            "Use another copy of the backup. Do not go on with this one: whoever changed it may want you to use your tries up.",
        ),
        NextStep::UseNewestCopyAndCode => {
            says("Use the newest copy of the backup, together with the newest code.")
        }
        NextStep::MatchBackupAndFleet => says(
            "Make sure that this is the right backup and the right fleet. With the 64-digit offline key the backup opens without the vault.",
        ),
        NextStep::RecoverWithCurrentCode => typed(
            "Recover with the current code on this computer first.",
            "keepsake vault recover --repo …",
        ),
        NextStep::GiveTriesBack => typed(
            "Any computer that opens your backups can give the tries back until then, on its Recovery page. If it was not you who used them up, make a new code there as well: somebody has a copy of your backup.",
            "keepsake vault reset-tries",
        ),
        NextStep::WaitAndCheckCode => says("Wait, and check the code meanwhile."),
        NextStep::TryUntilItSucceeds => {
            says("Try again until it succeeds, and use only the code that is shown then.")
        }
        NextStep::TryAgainOrAskOperator => {
            says("Try again. If it stays, the fleet needs its operator.")
        }
        NextStep::MoveTriesAway => {
            says("Move the file away: it only counts tries of this computer.")
        }
        NextStep::MoveErrandsAway => says(
            "Move the file away. The sites tell each other what was in it, as long as one of them knows it.",
        ),
        // Passkeys.
        NextStep::ChooseAnotherPasskeyOrWayIn => says(
            "Choose another way: recovery code, another passkey, offline key, or the computer that made the backup.",
        ),
        NextStep::SeePasskeys => {
            typed("Look at the list of passkeys again.", "keepsake passkey list")
        }
        NextStep::SeeChangedPasskeys => says("Look at the list of passkeys, then try again."),
        NextStep::NamePasskeyAnew => says("Choose another name."),
        NextStep::AddPasskeyAgain => says("Remove this passkey and add it again, then back up."),
        NextStep::AddPasskeyWithoutAddress => typed(
            "Add the passkey at the fleet of your account: leave the address out.",
            "keepsake passkey add",
        ),
        NextStep::GiveFleetForPasskey => {
            typed("Give the fleet's full address.", "keepsake passkey add --fleet URL")
        }
        NextStep::GivePinOrRemoveOthers => says("Give the PIN, or remove the others first."),
        NextStep::ConfirmLastWayIn => typed(
            "Add a recovery code or another passkey first, or confirm that you mean it.",
            "--last-way-in confirms it",
        ),
        NextStep::MovePasskeysAway => {
            says("Move the file away, and recover with your recovery code or a passkey.")
        }
        NextStep::UsePasskeyElsewhere => says(
            "Use the security key or the computer that the passkey was made on, or your recovery code.",
        ),
        NextStep::UsePasskeyThatIsThere => typed(
            "Use it: restoring with it once makes this computer know it. Or remove it first.",
            "keepsake vault recover --passkey",
        ),
        NextStep::UseCodeOrPasskey => says("Use your recovery code or another passkey."),
        NextStep::UseCodeThenAddPasskeyHere => {
            says("Use your recovery code or another passkey, then add a new passkey here.")
        }
        NextStep::UseCodeThenAddPasskey => {
            says("Use your recovery code or another passkey, then add a new passkey.")
        }
        NextStep::UseAnotherSecurityKey => {
            says("Use another security key, or a passkey on this computer.")
        }
        NextStep::StartKeyringOrUseSecurityKey => {
            says("Start or unlock the keyring (for example gnome-keyring), or use a security key.")
        }
        NextStep::WaitThenUsePasskey => says(
            "Wait, then try again. If it was not you, somebody knows of your account: your passkeys keep working.",
        ),
        NextStep::TryPasskeyAgain => {
            says("Try again; if it stays, use your recovery code or another passkey.")
        }
        NextStep::StartAgainWithKeyAtHand => {
            says("Start again. The security key should be at hand before you do.")
        }
        NextStep::WaitThenTypePin => says("Wait, then type the PIN again."),
        NextStep::TypePinAgain => says(
            "Type the PIN again. After the last wrong one the passkeys kept here cannot be used any more.",
        ),
        NextStep::ChooseAnotherPin => says("Choose a longer or shorter one."),
        NextStep::ReplugSecurityKey => {
            says("Pull the security key out, plug it in again, and type the PIN with care.")
        }
        NextStep::PlugSecurityKeyIn => says("Plug the security key in and try again."),
        NextStep::CheckSecurityKey => says(
            "Check that the security key is plugged in and that you may use it, then try again.",
        ),
        NextStep::ResetSecurityKey => says(
            "Use your recovery code or another passkey. A reset with the key's own tool erases all its passkeys.",
        ),
        // Fleets.
        NextStep::CopyWholeAddress => {
            says("Copy the whole address as the operator published it, with the part after #.")
        }
        NextStep::MendListOfFleets => {
            says("Ask whoever looks after this computer to mend /etc/keepsake/fleets.json.")
        }
        NextStep::GivePinnedAddress => typed(
            "Use the full address, with #sha256=… at the end.",
            "script/fleet status prints the address of a mocked fleet",
        ),
        NextStep::NameFleetOfBackup => typed(
            "Give the fleet's address or its fingerprint of 16 characters: both stand on your recovery sheet. Without a sheet, ask somebody who uses the same fleet, or the people who run it.",
            "keepsake vault recover --fleet 'ADDRESS OR FINGERPRINT' …, or --trust-header to believe the backup: if somebody changed it, they may find out a code of your own choosing, or keep you from ever using the right one",
        ),
        NextStep::CompareFingerprint => says(
            "Compare it with your recovery sheet, character by character. The fleet's whole address works as well.",
        ),
        NextStep::CompareFleetWithSheet => says(
            "Compare what you typed with your recovery sheet. If it is the same, somebody changed the backup: use another copy of it.",
        ),
        NextStep::GiveTrustDocument => typed(
            "Give the fleet's trust document, or verify the fleet's full address instead.",
            "--trust FILE",
        ),
        NextStep::AskForWorkingAddress => {
            says("Ask the fleet's operator for a working fleet address.")
        }
        NextStep::DoNotTypeCode => typed(
            "Do not type your recovery code. Look at the Fleet page and ask the operator and the auditor.",
            "keepsake fleet verify --bundle URL",
        ),
        NextStep::AskAuditor => typed(
            "Look at the Fleet page and ask the auditor. If the published evidence was damaged on its way, verifying again when it is whole ends this.",
            "keepsake fleet verify --bundle URL",
        ),
        NextStep::VerifyFleetAgain => typed(
            "Verify the fleet again on the Fleet page. If it still fails, ask the auditor.",
            "keepsake fleet verify --bundle URL",
        ),
        NextStep::GetEvidenceElsewhere => typed(
            "Try again later, or verify the fleet with the evidence folder from another place (Fleet page).",
            "keepsake fleet verify --bundle URL --evidence DIR",
        ),
        NextStep::WaitForSites => says(
            "Check your connection and try again later. If it stays, the fleet's operator has to bring sites back.",
        ),
        NextStep::ReportSites => says(
            "Try again when more sites answer, and tell the fleet's operator and its auditor which sites were named.",
        ),
        NextStep::AskForNewerFleet => says(
            "Ask the people who run the fleet to bring it up to date, or choose another fleet.",
        ),
        NextStep::MoveFleetMemoryAway => says("Move that folder away and verify the fleet again."),
    }
}
