//! A device's audit log on our disk: raw entries, appended and synced before the device may forget
//! them.

use crate::error::OperatorError;
use durable_files::Readers;
use fleet_evidence::device_log::Entry;
use std::path::{Path, PathBuf};
use yubihsm_device::DeviceLog;

const ENTRY: usize = 32;
/// A device numbers its entries with 16 bits: 65,536 of them, and a torn one.
const MAX_LOG: u64 = 65_537 * ENTRY as u64;

/// `log/<serial>.bin`.
pub(super) struct LogStore {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl LogStore {
    /// Reads what was stored; a torn last entry was never acknowledged to the device and is read
    /// again.
    pub(super) fn open(path: &Path) -> Result<Self, OperatorError> {
        let bytes = durable_files::read_if_there(path, MAX_LOG).map_err(OperatorError::io(path))?;
        let bytes = bytes.unwrap_or_default();
        let entries = bytes.as_chunks::<ENTRY>().0.iter().map(Entry::read).collect();
        Ok(Self { path: path.to_path_buf(), entries })
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Stores what the device still holds, and returns the number up to which it may forget.
    ///
    /// The inner error is a sentence: the device's log does not continue the stored one, or has
    /// holes.
    ///
    /// # Errors
    /// The disk's.
    pub(super) fn take(
        &mut self,
        log: &DeviceLog,
    ) -> Result<Result<Option<u16>, String>, OperatorError> {
        let fresh = match fresh(&self.entries, log) {
            Ok(fresh) => fresh,
            Err(why) => return Ok(Err(why)),
        };
        self.append(fresh)?;
        Ok(Ok(log.entries.last().map(|e| e.number)))
    }

    fn append(&mut self, fresh: &[Entry]) -> Result<(), OperatorError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let stored = (self.entries.len() * ENTRY) as u64;
        let bytes: Vec<u8> = fresh.iter().flat_map(Entry::raw).collect();
        durable_files::append(&self.path, stored, &bytes, Readers::Everyone)
            .map_err(OperatorError::io(&self.path))?;
        self.entries.extend_from_slice(fresh);
        Ok(())
    }
}

/// The entries of `log` that come after the stored ones.
///
/// # Errors
/// A sentence, if the device's log does not continue the stored one or was not complete.
fn fresh<'a>(stored: &[Entry], log: &'a DeviceLog) -> Result<&'a [Entry], String> {
    if (log.unlogged_boots, log.unlogged_authentications) != (0, 0) {
        return Err(format!(
            "its log has holes ({} boots, {} sessions)",
            log.unlogged_boots, log.unlogged_authentications
        ));
    }
    let Some(last) = stored.last() else { return Ok(&log.entries) };
    let known = log.entries.iter().rposition(|e| e == last);
    let fresh = &log.entries[known.map_or(0, |i| i + 1)..];
    match fresh.first() {
        Some(next) if !next.continues(last) => {
            Err("its log does not continue the one read before".into())
        }
        _ => Ok(fresh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn chain(length: u16) -> Vec<Entry> {
        let mut entries: Vec<Entry> = vec![];
        for number in 1..=length {
            let mut bytes = [0; ENTRY];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            let previous = entries.last().map_or([0; 16], |e| e.digest);
            let digest = Sha256::new().chain_update(&bytes[..16]).chain_update(previous).finalize();
            bytes[16..].copy_from_slice(&digest[..16]);
            entries.push(Entry::read(&bytes));
        }
        entries
    }

    fn log(entries: &[Entry]) -> DeviceLog {
        DeviceLog { unlogged_boots: 0, unlogged_authentications: 0, entries: entries.to_vec() }
    }

    #[test]
    fn entries_are_stored_once_whether_or_not_the_device_forgot_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/1.bin");
        let all = chain(6);
        let mut store = LogStore::open(&path).unwrap();
        assert_eq!(store.take(&log(&all[..2])).unwrap(), Ok(Some(2)));
        assert_eq!(store.take(&log(&all[..4])).unwrap(), Ok(Some(4)));
        assert_eq!(store.take(&log(&all[4..])).unwrap(), Ok(Some(6)));
        assert_eq!(store.take(&log(&[])).unwrap(), Ok(None));
        assert_eq!(LogStore::open(&path).unwrap().entries(), all);
    }

    #[test]
    fn a_gap_another_history_or_a_hole_is_refused() {
        let all = chain(6);
        assert!(fresh(&all[..2], &log(&all[3..])).is_err());
        let mut other = chain(3);
        other[2].digest[15] ^= 1;
        assert!(fresh(&all[..2], &log(&other[2..])).is_err());
        assert!(fresh(&[], &DeviceLog { unlogged_boots: 1, ..log(&all) }).is_err());
    }

    #[test]
    fn a_torn_entry_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.bin");
        let all = chain(3);
        LogStore::open(&path).unwrap().take(&log(&all[..1])).unwrap().unwrap();
        let mut torn = std::fs::read(&path).unwrap();
        torn.extend_from_slice(&[9; 7]);
        std::fs::write(&path, torn).unwrap();
        LogStore::open(&path).unwrap().take(&log(&all)).unwrap().unwrap();
        assert_eq!(LogStore::open(&path).unwrap().entries(), all);
    }
}
