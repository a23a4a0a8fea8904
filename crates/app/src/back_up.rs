//! Making a backup, and looking after it.

use crate::archive::blocking;
use crate::archive_backup::ArchiveSource;
use crate::bridge::watched;
use crate::clock::unix_now;
use crate::model::{BackupReport, CheckReport, OfflineKeyView, PruneReport, SnapshotView};
use crate::places::{self, Place, address, ways_back};
use crate::{Keepsake, Progress, RecoverySecret, Result, Unit, Watch};
use backup_engine::{BackupError, BackupOptions, Depth, Observer, PruneOptions, Repository, Retention, Stage};
use rand_core::OsRng;
use sealed_keys::{Header, OfflineKey, RepositoryId, SlotKind};

/// Brings everything new into a new snapshot at `repo`; makes the backup there if there is none.
pub async fn back_up(keepsake: &Keepsake, repo: &str, watch: &dyn Watch) -> Result<BackupReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| run(&keepsake, &url, watch)).await
}

/// The snapshots of a backup, oldest first.
pub async fn snapshots(keepsake: &Keepsake, repo: &str) -> Result<Vec<SnapshotView>> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || Ok(places::open(&keepsake, &url)?.snapshots()?.iter().map(snapshot).collect())).await
}

/// Checks that a backup is whole; with `read_data`, every byte of it.
pub async fn check_backup(keepsake: &Keepsake, repo: &str, read_data: bool, watch: &dyn Watch) -> Result<CheckReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    let depth = if read_data { Depth::AllData } else { Depth::Structure };
    watched(watch, move |watch| {
        let report = places::open(&keepsake, &url)?.check(depth, &Watcher(watch))?;
        Ok(CheckReport {
            snapshots: report.snapshots,
            packs: report.packs,
            bytes_read: report.bytes_read,
            all_data_read: read_data,
            stray_packs: report.stray_packs,
            stray_bytes: report.stray_bytes,
            problems: report.problems.iter().map(ToString::to_string).collect(),
        })
    })
    .await
}

/// Removes all but the newest `keep` snapshots, and what only they needed.
pub async fn prune_backup(keepsake: &Keepsake, repo: &str, keep: u32, watch: &dyn Watch) -> Result<PruneReport> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    watched(watch, move |watch| {
        let repository = places::open(&keepsake, &url)?;
        let retention = Retention { last: keep.max(1) as usize, ..Retention::default() };
        let options = PruneOptions { retention, computer: computer_name(), dry_run: false };
        let report = repository.prune(&options, &Watcher(watch))?;
        remember(&keepsake, &url, &repository, None)?;
        Ok(PruneReport {
            snapshots_removed: report.dropped.len() as u64,
            bytes_freed: u64::try_from(report.bytes_freed).unwrap_or(0),
        })
    })
    .await
}

/// Adds a 64-digit key that opens the backup without the vault. Shown once.
pub async fn add_offline_key(keepsake: &Keepsake, repo: &str) -> Result<OfflineKeyView> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        let mut repository = places::open(&keepsake, &url)?;
        let (key, offline) = (keepsake.backup_key_or_new()?, OfflineKey::generate(&mut OsRng));
        let add = |header: &mut Header| {
            let parameters = serde_json::json!({});
            header.add_slot(&key, SlotKind::OfflineKey, parameters, &offline.slot_key(), unix_now(), &mut OsRng)
        };
        repository.update_header(&key, add)?;
        remember(&keepsake, &url, &repository, None)?;
        Ok(OfflineKeyView { key: offline.display().expose().to_string() })
    })
    .await
}

fn run(keepsake: &Keepsake, url: &str, watch: &dyn Watch) -> Result<BackupReport> {
    let mut repository = open_or_create(keepsake, url)?;
    places::renew_all_slots(keepsake, &mut repository, &keepsake.backup_key_or_new()?)?;
    let source = ArchiveSource { archive: keepsake.archive()? };
    let mut options = BackupOptions::new(&computer_name(), unix_now());
    options.already_stored = keepsake.place(url)?.filter(|p| p.last_backup.is_none()).map(|p| p.cursor);
    let report = repository.backup(&source, &options, &Watcher(watch))?;
    remember(keepsake, url, &repository, Some(report.cursor))?;
    Ok(BackupReport {
        url: url.to_string(),
        snapshot: report.snapshot,
        unchanged: report.unchanged,
        new_records: report.records,
        new_media: report.media,
        missing_media: report.missing_media.len() as u64,
        bytes_read: report.bytes_read,
        bytes_written: report.bytes_written,
        seconds: report.seconds,
        damage: report.damage.iter().map(ToString::to_string).collect(),
        ways_back: ways_back(repository.header()),
    })
}

fn open_or_create(keepsake: &Keepsake, url: &str) -> Result<Repository> {
    let store = places::store(url)?;
    match Repository::read_header(store.as_ref()) {
        Err(BackupError::NotARepository) if keepsake.place(url)?.is_none_or(|p| p.seen.is_none()) => {
            create(keepsake, store)
        }
        _ => places::open(keepsake, url),
    }
}

fn create(keepsake: &Keepsake, store: std::sync::Arc<dyn backup_engine::Store>) -> Result<Repository> {
    let (key, now) = (keepsake.backup_key_or_new()?, unix_now());
    let mut header = Header::create(RepositoryId::generate(&mut OsRng), now, &key);
    let own = keepsake.local_key().slot_key();
    header.add_slot(&key, SlotKind::ThisComputer, serde_json::json!({}), &own, now, &mut OsRng)?;
    if let Some(account) = keepsake.account()? {
        places::add_recovery_slot(&mut header, &key, &account)?;
    }
    Ok(Repository::create(store, header, &key)?)
}

/// Remembers the newest state seen; with `cursor`, that a backup was just made.
pub(crate) fn remember(keepsake: &Keepsake, url: &str, repository: &Repository, cursor: Option<u64>) -> Result<()> {
    let known = keepsake.place(url)?;
    keepsake.keep_place(Place {
        url: url.to_string(),
        last_backup: cursor.map(|_| unix_now()).or_else(|| known.as_ref().and_then(|p| p.last_backup)),
        cursor: cursor.or_else(|| known.map(|p| p.cursor)).unwrap_or(0),
        seen: repository.seen()?.map(Into::into),
    })
}

fn snapshot(snapshot: &backup_engine::Snapshot) -> SnapshotView {
    let totals = snapshot.totals();
    SnapshotView {
        id: snapshot.id(),
        sequence: snapshot.sequence(),
        at: i64::try_from(snapshot.created()).unwrap_or(i64::MAX),
        computer: snapshot.computer().to_string(),
        records: totals.records,
        media: totals.media,
        bytes: totals.record_bytes + totals.media_bytes,
    }
}

fn computer_name() -> String {
    let name = std::fs::read_to_string("/etc/hostname")
        .or_else(|_| std::env::var("COMPUTERNAME").or_else(|_| std::env::var("HOSTNAME")));
    let name: String = name.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(64).collect();
    if name.is_empty() { "this computer".into() } else { name }
}

/// The engine's progress, in the app's words.
pub(crate) struct Watcher<'a>(pub &'a dyn Watch);

impl Observer for Watcher<'_> {
    fn progress(&self, progress: backup_engine::Progress) {
        let what = match progress.stage {
            Stage::Records => "Messages",
            Stage::Media => "Photos, videos and files",
            Stage::Finishing => "Finishing",
            Stage::Checking => "Checking",
            Stage::Pruning => "Removing what is not needed",
            Stage::Waiting => "Waiting for another backup to end",
        };
        self.0.progress(Progress {
            what: what.into(),
            done: progress.bytes,
            total: (progress.bytes_total > 0).then_some(progress.bytes_total),
            unit: Unit::Bytes,
        });
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

pub(crate) fn typed_offline_key(secret: &RecoverySecret) -> Result<OfflineKey> {
    Ok(OfflineKey::parse(secret.expose())?)
}
