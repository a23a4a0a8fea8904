//! What a snapshot holds, stream by stream.

use crate::error::BackupError;
use crate::format::{ObjectKind, SegmentRecords};
use crate::objects::{Index, ObjectReader, passing};
use crate::repository::{Repository, Snapshot};

/// One stream of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSummary {
    pub stream: Vec<u8>,
    pub records: u64,
    /// Plaintext, as it was given.
    pub bytes: u64,
    /// Its newest opening; `None` where no segment that has it can be read.
    pub opening: Option<Vec<u8>>,
}

impl Repository {
    /// The streams of a snapshot, the one written last first. Reads one segment of each.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub fn summaries(&self, snapshot: &Snapshot) -> Result<Vec<StreamSummary>, BackupError> {
        let index = Index::load(self.store.as_ref(), &self.keys)?;
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, &index);
        let (catalog, _) = reader.catalogs(&snapshot.manifest)?;
        let mut summaries = Vec::new();
        for (stream, segments) in super::restore::by_stream(&catalog, None) {
            let mut opening = None;
            for segment in segments.iter().rev() {
                match reader.read(ObjectKind::Segment, &segment.id) {
                    Ok(plain) => {
                        opening = SegmentRecords::new(&plain)
                            .next()
                            .and_then(Result::ok)
                            .map(<[u8]>::to_vec)
                    }
                    Err(problem) => drop(passing(problem)?),
                }
                if opening.is_some() {
                    break;
                }
            }
            let records = segments.iter().map(|s| u64::from(s.records)).sum();
            let bytes = segments.iter().map(|s| u64::from(s.bytes)).sum();
            summaries.push(StreamSummary { stream, records, bytes, opening });
        }
        Ok(summaries)
    }

    /// Bytes of all files of the backup.
    ///
    /// # Errors
    /// `Store` when the place cannot be listed.
    pub fn stored_bytes(&self) -> Result<u64, BackupError> {
        let mut bytes = self.header_bytes()?.len() as u64;
        for folder in ["packs", "index", "snapshots", "copies"] {
            bytes += self.store.list(folder)?.iter().map(|file| file.len).sum::<u64>();
        }
        Ok(bytes)
    }
}
