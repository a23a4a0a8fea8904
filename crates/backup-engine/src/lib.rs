//! Encrypted, incremental, append-only backups of record streams and media, in any store of named
//! blobs.
//!
//! segments and media pieces -> packs -> index -> snapshots -> restore and check. Knows nothing of
//! chats: a caller gives a [`Source`] of opaque records and takes a restored snapshot through a
//! [`Sink`]. The normative text of the format is `spec/backup-format.md`.
//!
//! ```
//! use backup_engine::fixture::{ListSink, ListSource};
//! use backup_engine::{BackupOptions, MemoryStore, Repository, Unobserved};
//! use sealed_keys::{BackupKey, Header, OsRng, RepositoryId};
//! use std::sync::Arc;
//! # fn main() -> Result<(), backup_engine::BackupError> {
//! let key = BackupKey::generate(&mut OsRng);
//! let header = Header::create(RepositoryId::generate(&mut OsRng), 1_764_000_000, &key);
//! let repository = Repository::create(Arc::new(MemoryStore::default()), header, &key)?;
//!
//! let mut source = ListSource::new(1);
//! source.record("alice", b"hello");
//! source.media(b"a photograph");
//! let options = BackupOptions::new("laptop", 1_764_000_100);
//! let report = repository.backup(&source, &options, &Unobserved)?;
//! assert_eq!((report.records, report.media), (1, 1));
//!
//! let mut sink = ListSink::default();
//! let snapshot = repository.latest()?.expect("just made");
//! repository.restore(&snapshot, &Default::default(), &mut sink, &Unobserved)?;
//! assert_eq!(sink.records, [(b"alice".to_vec(), b"hello".to_vec())]);
//! # Ok(())
//! # }
//! ```

#[cfg(test)]
mod damage_suite;
mod error;
pub mod fixture;
pub mod format;
pub mod limits;
mod objects;
mod pace;
mod port;
mod process;
mod repository;
mod store;
#[cfg(test)]
mod two_computers;
mod work;

pub use error::BackupError;
pub use port::{
    Change, Estimate, MediaHash, MediaSource, Observer, Progress, RestorePoint, Sink, Source,
    SourceError, SourceId, Stage, Unobserved,
};
pub use process::Process;
pub use repository::{Chain, LockHolder, Newest, Repository, Seen, Snapshot};
pub use store::check_path as check_blob_path;
pub use store::{
    Distance, FaultyStore, FolderStore, MemoryStore, RememberingStore, Store, StoreEntry,
    StoreError, conformance,
};
pub use work::backup::{BackupOptions, BackupReport, MissingMedia};
pub use work::check::{CheckReport, Depth};
pub use work::copy::{CopyReport, copy_backup};
pub use work::forget::{ForgetOptions, ForgetReport};
pub use work::prune::{Because, PruneOptions, PruneReport, Retention};
pub use work::repair::{RepairOptions, RepairReport};
pub use work::restore::{RestoreOptions, RestoreReport};
pub use work::summaries::StreamSummary;
