//! What is in a backup, without restoring it.

use super::contents::{chats, choose};
use super::destinations::{self, address};
use crate::model::{BackedUpChat, BackupDiff, BackupStats};
use crate::progress::blocking;
use crate::{Keepsake, Result};
use backup_engine::Snapshot;
use std::collections::HashMap;

/// The chats of a snapshot (the newest by default), the one that was written last first.
///
/// # Errors
/// `not_found`, `damaged`, `rolled_back`.
pub async fn browse_backup(
    keepsake: &Keepsake,
    repo: &str,
    snapshot: Option<String>,
) -> Result<Vec<BackedUpChat>> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let repository = destinations::open(&keepsake, &url)?;
        let chosen = choose(&repository, snapshot.as_deref())?;
        chats(&repository, &chosen.snapshot)
    })
    .await
}

/// What the newest snapshot holds, and what the backup takes.
///
/// # Errors
/// As [`browse_backup`].
pub async fn backup_stats(keepsake: &Keepsake, repo: &str) -> Result<BackupStats> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let repository = destinations::open(&keepsake, &url)?;
        let snapshots = repository.chain()?.snapshots;
        let at = |s: &Snapshot| i64::try_from(s.created()).unwrap_or(i64::MAX);
        let newest = choose(&repository, None)?.snapshot;
        let totals = newest.totals();
        Ok(BackupStats {
            snapshots: snapshots.len() as u64,
            oldest: snapshots.last().map(at),
            newest: Some(at(&newest)),
            chats: repository.summaries(&newest)?.len() as u64,
            records: totals.records,
            record_bytes: totals.record_bytes,
            media: totals.media,
            media_bytes: totals.media_bytes,
            missing_media: totals.missing,
            stored_bytes: repository.stored_bytes()?,
        })
    })
    .await
}

/// What the snapshot `to` (the newest by default) has beside the earlier snapshot `from`.
///
/// # Errors
/// As [`browse_backup`].
pub async fn diff_backup(
    keepsake: &Keepsake,
    repo: &str,
    from: String,
    to: Option<String>,
) -> Result<BackupDiff> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let repository = destinations::open(&keepsake, &url)?;
        let (old, new) = (
            choose(&repository, Some(&from))?.snapshot,
            choose(&repository, to.as_deref())?.snapshot,
        );
        let before: HashMap<String, (u64, u64)> = chats(&repository, &old)?
            .into_iter()
            .map(|chat| (chat.id, (chat.records, chat.bytes)))
            .collect();
        let mut changed = chats(&repository, &new)?;
        for chat in &mut changed {
            let (records, bytes) = before.get(&chat.id).copied().unwrap_or_default();
            chat.records = chat.records.saturating_sub(records);
            chat.bytes = chat.bytes.saturating_sub(bytes);
        }
        changed.retain(|chat| chat.records > 0);
        let (media_before, media_after) = (old.totals(), new.totals());
        Ok(BackupDiff {
            from: old.sequence(),
            to: new.sequence(),
            chats: changed,
            media_added: media_after.media.saturating_sub(media_before.media),
            media_bytes_added: media_after.media_bytes.saturating_sub(media_before.media_bytes),
        })
    })
    .await
}
