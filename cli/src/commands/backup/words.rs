//! What the commands say.

use crate::output::{bytes, count, date, when};
use app::model::{
    BackedUpChat, BackupDiff, BackupReport, BackupStats, CheckReport, CopyReport, Messenger,
    OfflineKeyEntry, PruneReport, RestoreReport, SnapshotView, WayBack,
};
use app::{DeletedChat, Forgotten, RepairReport};
use std::fmt::Write;

pub(crate) fn created(report: &BackupReport) -> String {
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
    if report.ways_back.iter().all(|way| *way == WayBack::ThisComputer) {
        text.push_str("Only this computer can open it! Make a recovery code now: keepsake vault enroll --fleet URL\n");
    }
    text
}

/// 24 words in four columns, each with its number.
pub(crate) fn numbered(words: &str) -> String {
    let numbered: Vec<String> =
        words.split(' ').enumerate().map(|(at, word)| format!("{:>2} {word:<9}", at + 1)).collect();
    let lines = numbered.chunks(4).map(|row| format!("    {}", row.join(" ").trim_end()));
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) fn forgotten(forgotten: &Forgotten) -> String {
    let mut text = format!(
        "Snapshot {} of {} is without {} and {}.\n",
        forgotten.snapshot,
        forgotten.url,
        count(forgotten.records, "record", "records"),
        count(forgotten.media, "media file", "media files"),
    );
    if forgotten.earlier_snapshots > 0 {
        let earlier = count(forgotten.earlier_snapshots, "earlier snapshot", "earlier snapshots");
        let _ = writeln!(
            text,
            "{earlier} may still have it. To remove them: keepsake backup prune --repo {} --keep 1",
            forgotten.url
        );
    }
    text
}

pub(crate) fn deleted(title: &str, deleted: &DeletedChat) -> String {
    let mut text = format!(
        "Deleted {title} from this computer: {} and {}.\n",
        count(deleted.messages, "message", "messages"),
        count(deleted.media, "media file", "media files"),
    );
    deleted.backups.iter().for_each(|backup| text.push_str(&forgotten(backup)));
    text
}

pub(crate) fn list(all: &[SnapshotView]) -> String {
    if all.is_empty() {
        return "No backup here yet.".into();
    }
    all.iter().fold(String::new(), |mut text, s| {
        let at = when(s.at.saturating_mul(1000));
        let (records, media) =
            (count(s.records, "record", "records"), count(s.media, "media file", "media files"));
        let _ = writeln!(
            text,
            "{:>5}  {at} UTC  {:<20}  {records}, {media}, {}",
            s.sequence,
            s.computer,
            bytes(s.bytes)
        );
        text
    })
}

pub(crate) fn checked(report: &CheckReport) -> String {
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

pub(crate) fn repaired(report: &RepairReport) -> String {
    let nothing =
        report.packs_dropped + report.parts_lost + report.files_restored + report.snapshots_lost;
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
        let _ = writeln!(
            text,
            "{lost} lost. Back up again now, from every computer that has the chats."
        );
    }
    text.push_str("The index of the backup was written anew.\n");
    text
}

pub(crate) fn restored(report: &RestoreReport) -> String {
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
pub(crate) fn missing(media: u64) -> String {
    match media {
        0 => String::new(),
        n => format!(
            "{} not in the backup: gone or damaged on the computer when it was backed up.\n",
            count(n, "attachment is", "attachments are")
        ),
    }
}

pub(crate) fn chats(all: &[BackedUpChat]) -> String {
    if all.is_empty() {
        return "No chats in this snapshot.".into();
    }
    all.iter().fold(String::new(), |mut text, chat| {
        let title = chat.title.as_deref().unwrap_or("(its name is damaged)");
        let source = chat.source.map_or("?", Messenger::as_str);
        let records = count(chat.records, "record", "records");
        let _ =
            writeln!(text, "{}  {source:<10}  {title}  {records}, {}", chat.id, bytes(chat.bytes));
        text
    })
}

pub(crate) fn diff(diff: &BackupDiff) -> String {
    let media = count(diff.media_added, "media file", "media files");
    let mut text = format!(
        "Snapshot {} has {} beside snapshot {}, and {media} ({}).\n",
        diff.to,
        count(diff.chats.len() as u64, "new or changed chat", "new or changed chats"),
        diff.from,
        bytes(diff.media_bytes_added)
    );
    if !diff.chats.is_empty() {
        text.push_str(&chats(&diff.chats));
    }
    text
}

pub(crate) fn stats(stats: &BackupStats) -> String {
    let day = |at: Option<i64>| at.map_or_else(|| "?".into(), |at| when(at.saturating_mul(1000)));
    format!(
        "{} from {} to {} UTC, {} on the disk.\nThe newest has {} in {} ({} as text) and {} ({}).\n{}",
        count(stats.snapshots, "snapshot", "snapshots"),
        day(stats.oldest),
        day(stats.newest),
        bytes(stats.stored_bytes),
        count(stats.records, "record", "records"),
        count(stats.chats, "chat", "chats"),
        bytes(stats.record_bytes),
        count(stats.media, "media file", "media files"),
        bytes(stats.media_bytes),
        missing(stats.missing_media)
    )
}

pub(crate) fn pruned(report: &PruneReport) -> String {
    let mut text = String::new();
    for kept in &report.kept {
        let _ = writeln!(text, "stays: snapshot {} ({})", kept.sequence, kept.because.join(", "));
    }
    let removed = count(report.snapshots_removed, "snapshot", "snapshots");
    let freed = bytes(report.bytes_freed);
    let _ = match report.dry_run {
        true => {
            writeln!(text, "Would remove {removed} and free at least {freed}. Nothing was removed.")
        }
        false => writeln!(text, "Removed {removed} and freed {freed}."),
    };
    if report.packs_waiting > 0 {
        let files = count(report.packs_waiting, "file", "files");
        let _ = writeln!(
            text,
            "{files} more will go with a later prune: another computer may still build on them."
        );
    }
    text
}

pub(crate) fn copied(report: &CopyReport) -> String {
    format!(
        "Copied {} ({}); {} there already. The copy has {}.",
        count(report.files, "file", "files"),
        bytes(report.bytes),
        count(report.same, "was", "were"),
        count(report.snapshots, "snapshot", "snapshots")
    )
}

pub(crate) fn offline_keys(keys: &[OfflineKeyEntry]) -> String {
    if keys.is_empty() {
        return "No offline key opens this backup.".into();
    }
    keys.iter().fold(String::new(), |mut text, key| {
        let _ = writeln!(text, "{}  made {}", key.id, date(key.made));
        text
    })
}
