//! `keepsake backup`

use super::key_change;
use crate::args::{Backup, Computers, Repository};
use crate::output::{Output, bytes, count, date, when};
use crate::progress::Shown;
use crate::secrets;
use app::model::{BackupReport, CheckReport, DecryptReport, RestoreReport, SnapshotView};
use app::{AppError, Keepsake, RecoverySecret, RepairReport, Result, Stay};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

pub async fn run(keepsake: &Keepsake, command: Backup, output: Output) -> Result<ExitCode> {
    match command {
        Backup::Create { place, patience } => {
            let report = app::back_up(keepsake, &place.repo, patience.duration(), &Shown::new()).await?;
            return Ok(output.report(&report, created, damaged_before(&report.damage)));
        }
        Backup::List(place) => {
            let all = app::snapshots(keepsake, &place.repo).await?;
            output.result(&all, |all| list(all));
        }
        Backup::Check { place, read_data } => {
            let report = app::check_backup(keepsake, &place.repo, read_data, &Shown::new()).await?;
            return Ok(output.report(&report, checked, damaged(&report.problems)));
        }
        Backup::Repair { place, patience } => {
            let report = app::repair_backup(keepsake, &place.repo, patience.duration(), &Shown::new()).await?;
            output.result(&report, repaired);
        }
        Backup::Unlock(place) => {
            let holder = app::unlock_backup(keepsake, &place.repo).await?;
            output.result(&holder, |holder| match holder {
                Some(h) => format!("Took the lock from {}, last seen {}.", h.computer, date(h.last_sign)),
                None => "Nobody had the lock.".into(),
            });
        }
        Backup::AcceptOlder(place) => {
            let newest = app::accept_older_backup(keepsake, &place.repo).await?;
            output.result(&newest, |newest| match newest {
                Some(s) => format!(
                    "The next backup goes on from snapshot {} of {} UTC.",
                    s.sequence,
                    when(s.at.saturating_mul(1000))
                ),
                None => "The next backup is the first one there.".into(),
            });
        }
        Backup::Restore { place, snapshot, offline_key } => {
            if offline_key || secrets::has_offline_key() {
                app::recover_with_offline_key(keepsake, &place.repo, secrets::offline_key()?).await?;
            }
            let report = app::restore(keepsake, &place.repo, snapshot, &Shown::new()).await?;
            return Ok(output.report(&report, restored, damaged(&report.problems)));
        }
        Backup::Prune { place, keep } => {
            let report = app::prune_backup(keepsake, &place.repo, keep, &Shown::new()).await?;
            output.result(&report, |r| {
                format!(
                    "Removed {} and freed {}.",
                    count(r.snapshots_removed, "snapshot", "snapshots"),
                    bytes(r.bytes_freed)
                )
            });
        }
        Backup::OfflineKey(place) => {
            let key = app::add_offline_key(keepsake, &place.repo).await?;
            output.result(&key, |key| {
                format!(
                    "Offline key, shown only now:\n\n    {}\n\nWhoever has it and the backup can read everything, without the vault.",
                    key.key
                )
            });
        }
        Backup::Rekey { give_up: true, .. } => {
            app::give_up_key_change(keepsake).await?;
            output.result(&(), |()| "The old key, code and passkeys stay in force.".into());
        }
        Backup::Rekey { keep, change, .. } => {
            return key_change::change(keepsake, Stay::These(keep), change, output).await;
        }
        Backup::Computers(Computers::List) => {
            let all = app::computers(keepsake).await?;
            output.result(&all, key_change::list);
        }
        Backup::Computers(Computers::Remove { computer, change }) => {
            return key_change::change(keepsake, Stay::AllBut(computer), change, output).await;
        }
        Backup::Decrypt { .. } => unreachable!("needs no home and is handled before"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Needs no home: the backup and its key are enough.
pub async fn decrypt(place: Repository, key: Option<String>, out: PathBuf, output: Output) -> Result<ExitCode> {
    let key = key.map_or_else(secrets::backup_key, |key| Ok(RecoverySecret::new(key)))?;
    let report = app::decrypt_backup(&place.repo, key, &out, &Shown::new()).await?;
    let words = |report: &DecryptReport| {
        format!(
            "Wrote {} and {} to {}.\n{}",
            count(report.records, "record", "records"),
            count(report.media, "media file", "media files"),
            out.display(),
            missing(report.missing_media)
        )
    };
    Ok(output.report(&report, words, damaged(&report.problems)))
}

fn created(report: &BackupReport) -> String {
    let mut text = if report.unchanged {
        format!("Nothing new since the last backup in {}.\n", report.url)
    } else {
        format!(
            "Backed up {} and {} ({} read, {} written) in {:.2} s to {}.\n",
            count(report.new_messages, "new message", "new messages"),
            count(report.new_media, "new media file", "new media files"),
            bytes(report.bytes_read),
            bytes(report.bytes_written),
            report.seconds,
            report.url
        )
    };
    if report.missing_media > 0 {
        let n = count(report.missing_media, "attachment is", "attachments are");
        let _ = writeln!(
            text,
            "{n} gone or damaged on this computer and in no backup. Import the export again to add them."
        );
    }
    report.notices.iter().for_each(|notice| {
        let _ = writeln!(text, "{notice}");
    });
    if report.ways_back.iter().all(|way| way == "this_computer") {
        text.push_str("Only this computer can open it! Make a recovery code now: keepsake vault enroll --fleet URL\n");
    }
    text
}

fn list(all: &[SnapshotView]) -> String {
    if all.is_empty() {
        return "No backup here yet.".into();
    }
    all.iter().fold(String::new(), |mut text, s| {
        let at = when(s.at.saturating_mul(1000));
        let (records, media) = (count(s.records, "record", "records"), count(s.media, "media file", "media files"));
        let _ =
            writeln!(text, "{:>5}  {at} UTC  {:<20}  {records}, {media}, {}", s.sequence, s.computer, bytes(s.bytes));
        text
    })
}

fn checked(report: &CheckReport) -> String {
    let depth = if report.all_data_read { "every byte was read" } else { "the structure was read" };
    let mut text = format!(
        "{} and {} checked, {depth} ({}).\n",
        count(report.snapshots, "snapshot", "snapshots"),
        count(report.packs, "pack", "packs"),
        bytes(report.bytes_read)
    );
    if report.stray_packs > 0 {
        let strays = count(report.stray_packs, "pack is", "packs are");
        let size = bytes(report.stray_bytes);
        let _ = writeln!(
            text,
            "{strays} left over from a backup that was stopped ({size}): the next backup uses what is in them, backup prune frees them."
        );
    }
    match report.problems.as_slice() {
        [] => text.push_str("The backup is whole.\n"),
        problems => problems.iter().for_each(|p| {
            let _ = writeln!(text, "problem: {p}");
        }),
    }
    text
}

fn repaired(report: &RepairReport) -> String {
    let nothing = report.packs_dropped + report.parts_lost + report.files_restored + report.snapshots_lost;
    if nothing == 0 && report.problems.is_empty() {
        return "The backup is whole; nothing was lost.".into();
    }
    let mut text = String::new();
    if report.files_restored > 0 {
        let files = count(report.files_restored, "file was", "files were");
        let _ = writeln!(text, "{files} written again from a copy.");
    }
    if report.packs_dropped > 0 {
        let saved = count(report.objects_saved, "readable part was", "readable parts were");
        let _ = writeln!(
            text,
            "{} cannot be used; {saved} moved to new ones.",
            count(report.packs_dropped, "pack", "packs")
        );
    }
    if report.snapshots_lost > 0 {
        let lost = count(report.snapshots_lost, "snapshot", "snapshots");
        let _ = writeln!(text, "{lost} cannot be read any more; the others are as they were.");
    }
    if report.keys_made_anew {
        text.push_str("The backup's key slots were lost and made anew: make a new offline key if you had one.\n");
    }
    if report.parts_lost > 0 {
        let lost = count(report.parts_lost, "part is", "parts are");
        let _ = writeln!(text, "{lost} lost. Back up again now, from every computer that has the chats.");
    }
    text.push_str("The index of the backup was written anew.\n");
    text
}

/// What was damaged is an error, after everything that is whole was dealt with.
fn damaged(problems: &[String]) -> Option<AppError> {
    let first = problems.first()?;
    let n = count(problems.len() as u64, "part", "parts");
    Some(AppError::new(
        "damaged",
        format!("{n} of the backup cannot be used: {first}."),
        "Everything that is whole was dealt with, and nothing was changed in the backup.",
        "On a computer that has the chats: keepsake backup repair, then back up again.",
    ))
}

/// What a backup found damaged on its way.
fn damaged_before(damage: &[String]) -> Option<AppError> {
    let first = damage.first()?;
    let n = count(damage.len() as u64, "part", "parts");
    Some(AppError::new(
        "damaged",
        format!("{n} of the backup cannot be used: {first}."),
        "What is new was backed up all the same.",
        "Run keepsake backup repair, then back up again: that brings what was lost, if the chats are here.",
    ))
}

fn restored(report: &RestoreReport) -> String {
    let text = format!(
        "Restored {} in {}, and {}, in {:.2} s. {} were here already.\n",
        count(report.messages, "message", "messages"),
        count(report.conversations, "conversation", "conversations"),
        count(report.media, "media file", "media files"),
        report.seconds,
        report.kept
    );
    text + &missing(report.missing_media)
}

/// What the backup never had.
fn missing(media: u64) -> String {
    match media {
        0 => String::new(),
        n => format!(
            "{} not in the backup: gone or damaged on the computer when it was backed up.\n",
            count(n, "attachment is", "attachments are")
        ),
    }
}
