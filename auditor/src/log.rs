//! The log on disk. `state/leaves` is what counts: length-prefixed entries, appended and fsynced
//! one by one. Tiles and checkpoint below `public/` follow from it, and are completed on the next
//! start if a crash came between.

use crate::{AuditError, Auditor, storage};
use durable_files::Readers;
use fleet_evidence::log::{LogEntry, LogHash, LogProof, tile_path, verify_checkpoint};
use signed_note::Note;
use tlog_tiles::{Error, Hash, HashReader, Tile};
use vault_protocol::BundleId;

/// C2SP tlog-tiles: 256 entries per tile.
const TILE_HEIGHT: u8 = 8;

/// All leaves and the stored hashes over them.
#[derive(Default)]
pub(crate) struct Log {
    leaves: Vec<Vec<u8>>,
    hashes: Vec<Hash>,
}

impl HashReader for Log {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let at = |i: &u64| usize::try_from(*i).ok().and_then(|i| self.hashes.get(i).copied());
        indexes.iter().map(at).collect::<Option<_>>().ok_or(Error::IndexesNotInTree)
    }
}

impl Log {
    fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Bytes of all leaves behind their lengths.
    fn framed_len(&self) -> u64 {
        self.leaves.iter().map(|leaf| 2 + leaf.len() as u64).sum()
    }

    fn push(&mut self, leaf: Vec<u8>) -> Result<(), AuditError> {
        let new = tlog_tiles::stored_hashes(self.size(), &leaf, self).map_err(inconsistent)?;
        self.hashes.extend(new);
        self.leaves.push(leaf);
        Ok(())
    }

    fn root(&self, size: u64) -> Result<LogHash, AuditError> {
        tlog_tiles::tree_hash(size, self).map(|h| h.0).map_err(inconsistent)
    }

    /// C2SP entry bundle: each entry behind its u16 big-endian length.
    fn entries(&self, tile: &Tile) -> Result<Vec<u8>, AuditError> {
        let first = usize::try_from(tile.level_index() << TILE_HEIGHT).map_err(inconsistent)?;
        let mut out = Vec::new();
        for leaf in self.leaves.iter().skip(first).take(tile.width() as usize) {
            out.extend(framed(leaf)?);
        }
        Ok(out)
    }
}

impl Auditor {
    /// Appends a leaf, durably, and only then signs a checkpoint over it. Gives the entry's index.
    pub(crate) fn append(&self, entry: &LogEntry) -> Result<u64, AuditError> {
        let mut log = self.load_log()?;
        let leaf = entry.canonical();
        storage::append(&self.state("leaves"), log.framed_len(), &framed(&leaf)?)?;
        log.push(leaf)?;
        self.publish_log(&log)?;
        Ok(log.size() - 1)
    }

    /// The inclusion proof of an entry under the current checkpoint.
    pub(crate) fn prove(&self, index: u64) -> Result<LogProof, AuditError> {
        let log = self.load_log()?;
        let path = tlog_tiles::prove_record(log.size(), index, &log).map_err(inconsistent)?;
        let checkpoint = storage::read(&self.public("checkpoint"))?.unwrap_or_default();
        let checkpoint = String::from_utf8(checkpoint).map_err(inconsistent)?;
        Ok(LogProof { index, hashes: path.into_iter().map(|h| h.0).collect(), checkpoint })
    }

    /// The index of the entry that names this bundle.
    pub(crate) fn entry_of(&self, bundle: &BundleId) -> Result<Option<u64>, AuditError> {
        for (index, leaf) in self.load_log()?.leaves.iter().enumerate() {
            if LogEntry::from_json(leaf).map_err(inconsistent)?.digest == *bundle {
                return Ok(Some(index as u64));
            }
        }
        Ok(None)
    }

    /// After a start: the signed checkpoint must be a head of this very log; an unfinished append
    /// is completed.
    pub(crate) fn complete_log(&self) -> Result<(), AuditError> {
        let log = self.load_log()?;
        let Some(note) = storage::read(&self.public("checkpoint"))? else {
            return self.publish_log(&log);
        };
        let signed = verify_checkpoint(&note, &self.keys.log_vkey()).map_err(inconsistent)?;
        if signed.size() > log.size() {
            return Err(AuditError::Inconsistent(format!(
                "the checkpoint covers {} entries, only {} are on disk: the disk was rolled back",
                signed.size(),
                log.size()
            )));
        }
        if log.root(signed.size())? != signed.root() {
            return Err(AuditError::Inconsistent(
                "the entries on disk are not those of the signed checkpoint".into(),
            ));
        }
        if signed.size() < log.size() { self.publish_log(&log) } else { Ok(()) }
    }

    /// Writes all tiles, then the checkpoint that needs them.
    fn publish_log(&self, log: &Log) -> Result<(), AuditError> {
        let covered = match storage::read(&self.public("checkpoint"))? {
            Some(note) => {
                verify_checkpoint(&note, &self.keys.log_vkey()).map_err(inconsistent)?.size()
            }
            None => 0,
        };
        for tile in Tile::new_tiles(TILE_HEIGHT, covered, log.size()) {
            let data = tile.read_data(log).map_err(inconsistent)?;
            storage::write(&self.public(&tile_path(&tile)), &data, Readers::Everyone)?;
            if tile.level() == 0 {
                let mut entries = tile;
                entries.set_is_data();
                storage::write(
                    &self.public(&tile_path(&entries)),
                    &log.entries(&tile)?,
                    Readers::Everyone,
                )?;
            }
        }
        self.sign_checkpoint(log)
    }

    fn sign_checkpoint(&self, log: &Log) -> Result<(), AuditError> {
        let origin = fleet_evidence::log::checkpoint_origin(&self.trust.document().log_key);
        let text = format!("{origin}\n{}\n{}\n", log.size(), Hash(log.root(log.size())?));
        let mut note = Note::new(text.as_bytes(), &[]).map_err(inconsistent)?;
        note.add_sigs(&[&self.keys.log_signer()?]).map_err(inconsistent)?;
        storage::write(&self.public("checkpoint"), &note.to_bytes(), Readers::Everyone)
    }

    fn load_log(&self) -> Result<Log, AuditError> {
        let path = self.state("leaves");
        let bytes = storage::read(&path)?.unwrap_or_default();
        let mut log = Log::default();
        for leaf in unframe(&bytes) {
            log.push(leaf.to_vec())?;
        }
        Ok(log)
    }
}

fn framed(leaf: &[u8]) -> Result<Vec<u8>, AuditError> {
    let len = u16::try_from(leaf.len()).map_err(inconsistent)?;
    Ok([&len.to_be_bytes()[..], leaf].concat())
}

/// The whole entries at the start of the bytes. What a crash tore off comes after them: nobody was
/// told of it, and the next append takes its place.
fn unframe(bytes: &[u8]) -> Vec<&[u8]> {
    let mut leaves = Vec::new();
    let mut at = 0;
    while let Some(length) = bytes.get(at..at + 2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let Some(leaf) = bytes.get(at + 2..at + 2 + length) else { break };
        leaves.push(leaf);
        at += 2 + length;
    }
    leaves
}

fn inconsistent(e: impl std::fmt::Display) -> AuditError {
    AuditError::Inconsistent(format!("log: {e}"))
}
