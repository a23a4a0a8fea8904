//! Making a backup.

use super::archive_source::ArchiveSource;
use super::progress::Watcher;
use super::{computer_name, named};
use crate::backup::destinations::{self, ways_back};
use crate::home::unix_now;
use crate::key_change::settle_home;
use crate::model::BackupReport;
use crate::{Keepsake, Result, Watch};
use backup_engine::{BackupError, BackupOptions, Repository};
use rand_core::OsRng;
use sealed_keys::{Header, RepositoryId};
use std::time::Duration;

/// Brings everything new into a new snapshot at `url`; makes the backup there if there is none.
pub(crate) fn run(
    keepsake: &Keepsake,
    url: &str,
    wait: Duration,
    watch: &dyn Watch,
) -> Result<BackupReport> {
    keepsake.clear_leftovers()?;
    let mut repository = open_or_create(keepsake, url)?.with_patience(wait);
    let key = repository.key().clone();
    destinations::renew_all_slots(keepsake, &mut repository, &key)?;
    let source = ArchiveSource::new(keepsake.archive()?);
    let mut options = BackupOptions::new(&computer_name(), unix_now());
    options.already_stored =
        keepsake.destination(url)?.filter(|p| p.last_backup.is_none()).map(|p| p.cursor);
    let report = repository.backup(&source, &options, &Watcher(watch))?;
    destinations::remember(keepsake, url, &repository, Some(report.cursor))?;
    Ok(BackupReport {
        url: url.to_string(),
        snapshot: report.snapshot,
        unchanged: report.unchanged,
        new_messages: source.messages.get(),
        new_media: report.media,
        missing_media: report.missing_media.len() as u64,
        bytes_read: report.bytes_read,
        bytes_written: report.bytes_written,
        seconds: report.seconds,
        damage: named(&report.damage),
        ways_back: ways_back(repository.header()),
        notices: destinations::take_notices(keepsake, url)?,
    })
}

fn open_or_create(keepsake: &Keepsake, url: &str) -> Result<Repository> {
    let store = destinations::new_store(keepsake, url)?;
    match Repository::read_header(store.as_ref()) {
        Err(BackupError::NotARepository)
            if keepsake.destination(url)?.is_none_or(|p| p.seen.is_none()) =>
        {
            create(keepsake, store)
        }
        _ => destinations::open_to_write_in(keepsake, url, store),
    }
}

fn create(
    keepsake: &Keepsake,
    store: std::sync::Arc<dyn backup_engine::Store>,
) -> Result<Repository> {
    settle_home(keepsake)?;
    let key = keepsake.backup_key_or_new()?;
    let now = unix_now();
    let mut header = Header::create(RepositoryId::generate(&mut OsRng), now, &key);
    destinations::add_own_computer(keepsake, &mut header, &key)?;
    if let Some(account) = keepsake.account()?.filter(|account| account.is_of(&key)) {
        destinations::add_recovery_slot(&mut header, &key, &account)?;
    }
    Ok(Repository::create(store, header, &key)?)
}
