//! `keepsake archive`

use crate::args::Archive;
use crate::failure::{Failure, Result};
use crate::output::{Output, count};
use crate::progress::Shown;
use app::{ArchiveCheck, ArchiveRepair, Keepsake};
use std::fmt::Write;
use std::process::ExitCode;

pub(super) async fn run(keepsake: &Keepsake, command: Archive, output: Output) -> Result<ExitCode> {
    match command {
        Archive::Check => {
            let report = app::check_archive(keepsake, &Shown::new()).await?;
            Ok(output.report(&report, checked, damaged(&report)))
        }
        Archive::Repair => {
            let report = app::repair_archive(keepsake, &Shown::new()).await?;
            Ok(output.report(&report, repaired, still_lost(&report)))
        }
    }
}

fn checked(report: &ArchiveCheck) -> String {
    let media = count(report.media, "media file", "media files");
    match (&report.database, report.media_lost) {
        (None, 0) => format!("The archive is whole: every page and {media} were read."),
        (None, lost) => format!("Every page was read. Of {media}, {lost} cannot be used."),
        (Some(what), _) => format!("The database is damaged: {what}."),
    }
}

fn damaged(report: &ArchiveCheck) -> Option<Failure> {
    let lost = count(report.media_lost, "media file is", "media files are");
    let happened = match (&report.database, report.media_lost) {
        (None, 0) => return None,
        (None, _) => format!("{lost} gone or damaged on this computer."),
        (Some(what), _) => format!("The archive on this computer is damaged: {what}."),
    };
    let next = "Repair it: that saves what can be read, and brings the rest from your backups.";
    Some(
        Failure::new(
            "archive_damaged",
            happened,
            "Nothing was changed; backups are as they were.",
            next,
        )
        .with_command("keepsake archive repair"),
    )
}

fn repaired(report: &ArchiveRepair) -> String {
    let mut text = String::new();
    if let Some(aside) = &report.set_aside {
        let saved = count(report.messages_saved, "message was", "messages were");
        let lost = match report.messages_lost {
            Some(lost) => format!("{lost} could not be"),
            None => "an unknown number could not be".into(),
        };
        let restored = count(report.messages_restored, "message", "messages");
        let _ = writeln!(text, "{saved} saved, {lost}; backups brought {restored}.");
        let _ = writeln!(text, "The damaged file is at {aside}.");
    }
    if report.media_lost > 0 {
        let lost = count(report.media_lost, "media file was", "media files were");
        let _ = writeln!(
            text,
            "{lost} gone or damaged; backups brought {} back.",
            report.media_restored
        );
    }
    for problem in &report.problems {
        let _ = writeln!(text, "problem: {problem}");
    }
    if text.is_empty() { "The archive is whole; nothing was to be done.".into() } else { text }
}

/// What neither this computer nor a backup has.
fn still_lost(report: &ArchiveRepair) -> Option<Failure> {
    let media = report.media_lost - report.media_restored;
    // Where nothing says how many there were, a backup that was read to the end is the best there
    // can be.
    let fewer =
        report.messages_lost.map_or(report.backups_read == 0, |n| n > report.messages_restored);
    let messages = report.set_aside.is_some() && fewer;
    let happened = match (messages, media) {
        (false, 0) => return None,
        (true, _) => {
            "Some messages may be lost: no backup brought as many as could not be read.".to_string()
        }
        (false, _) => format!(
            "{} in no backup that could be asked.",
            count(media, "media file is", "media files are")
        ),
    };
    Some(Failure::new(
        "not_all_repaired",
        happened,
        "Nothing was deleted, and everything that is whole is here.",
        "Import the exports again that had them, or plug in the disk with a backup and repair again.",
    ))
}
