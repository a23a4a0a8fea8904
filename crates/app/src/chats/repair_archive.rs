//! Making what is on this computer whole again, out of itself and of the backups that it knows.

use super::whole::{damage, lost_media};
use crate::backup::destinations::Destination;
use crate::backup::{RestoreChoice, Wanted, bring_back};
use crate::model::RestoreReport;
use crate::progress::watched;
use crate::{AppError, Keepsake, NextStep, Result, Watch};
use backup_engine::RestoreOptions;
use chat_archive::{Archive, ArchiveError, MediaHash};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What a repair did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct ArchiveRepair {
    /// The damaged database, if it was: it stays, under this name.
    pub set_aside: Option<String>,
    /// Messages that were read from it.
    pub messages_saved: u64,
    /// Messages that could not be; null where nothing says how many there were.
    pub messages_lost: Option<u64>,
    /// Messages that backups brought.
    pub messages_restored: u64,
    /// Backups that were read to the end, with nothing damaged there.
    pub backups_read: u64,
    /// Media files that were gone or damaged.
    pub media_lost: u64,
    /// Of them: backups brought them back.
    pub media_restored: u64,
    /// Backups that could not be asked, and what was damaged there.
    pub problems: Vec<String>,
}

/// Saves what can be read of a damaged archive, and brings the rest from the backups that this
/// computer knows. Deletes nothing; repeated, it goes on.
///
/// # Errors
/// `damaged` if nothing of the database can be read and no backup has it; `wrong_key`, `busy`,
/// `disk_full`, `cancelled`.
pub async fn repair_archive(keepsake: &Keepsake, watch: &dyn Watch) -> Result<ArchiveRepair> {
    let keepsake = keepsake.clone();
    watched(watch, move |watch| {
        let mut report = ArchiveRepair::default();
        let damaged = damage(&keepsake)?.is_some();
        if damaged {
            // It would go on writing to the file that is set aside.
            if keepsake.is_written_to()? {
                return Err(ArchiveError::Busy.into());
            }
            let _writing = keepsake.mark_writing()?;
            save(&keepsake, &mut report, watch)?;
        }
        let lost = lost_media(&keepsake, &keepsake.archive()?.present_media()?, watch)?;
        report.media_lost = lost.len() as u64;
        if damaged || !lost.is_empty() {
            from_backups(&keepsake, options(damaged, &lost), &mut report, watch)?;
        }
        report.media_restored =
            report.media_lost - lost_media(&keepsake, &with_no_size(&lost), watch)?.len() as u64;
        Ok(report)
    })
    .await
}

/// Everything, after damage to the database; else what is lost.
fn options(everything: bool, lost: &[MediaHash]) -> RestoreOptions {
    match everything {
        true => RestoreOptions::default(),
        false => RestoreOptions {
            streams: Some(vec![]),
            media: Some(lost.iter().map(|hash| hash.0).collect()),
            ..RestoreOptions::default()
        },
    }
}

fn with_no_size(lost: &[MediaHash]) -> Vec<(MediaHash, u64)> {
    lost.iter().map(|hash| (*hash, 0)).collect()
}

fn save(keepsake: &Keepsake, report: &mut ArchiveRepair, watch: &dyn Watch) -> Result<()> {
    let dir = keepsake.home().join("archive");
    match Archive::salvage(&dir, &keepsake.archive_key()) {
        Ok(saved) => {
            report.set_aside = Some(saved.set_aside.display().to_string());
            report.messages_saved = saved.messages;
            report.messages_lost = saved.messages_lost;
            Ok(())
        }
        Err(ArchiveError::Corrupt(what)) => {
            // Only a backup has the chats now: one must open before anything is moved.
            let opens = |place: &Destination| {
                crate::backup::destinations::open(keepsake, &place.url).is_ok()
            };
            if watch.cancelled() || !keepsake.destinations()?.iter().any(opens) {
                return Err(unreadable(&what));
            }
            report.set_aside = Some(Archive::set_aside(&dir)?.display().to_string());
            Ok(())
        }
        Err(other) => Err(other.into()),
    }
}

fn from_backups(
    keepsake: &Keepsake,
    options: RestoreOptions,
    report: &mut ArchiveRepair,
    watch: &dyn Watch,
) -> Result<()> {
    let wanted = Wanted { choice: &RestoreChoice::default(), options };
    for place in keepsake.destinations()? {
        match bring_back(keepsake, &place.url, &wanted, watch) {
            Ok(RestoreReport { messages, problems, .. }) => {
                report.messages_restored += messages;
                report.backups_read += u64::from(problems.is_empty());
                report.problems.extend(problems);
            }
            Err(error) if error.code == "cancelled" => return Err(error),
            Err(error) => report.problems.push(format!("{}: {}", place.url, error.happened)),
        }
    }
    Ok(())
}

fn unreadable(what: &str) -> AppError {
    AppError::new(
        "damaged",
        format!(
            "Nothing can be read of this computer's archive ({what}), and none of its backups can be opened."
        ),
        "Nothing was changed, here or in a backup.",
        NextStep::PlugBackupInAndRepair,
    )
}
