//! The archive as a whole: opening it, and what a caller holds of it.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use durable_files::{Readers, create_private_dirs, write_new};
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::{ArchiveError, Cursor, ImportSession, MediaHash, MediaVault, key_check, schema};

/// The raw 256-bit database key. Random, made and kept by the caller.
pub type ArchiveKey = Zeroizing<[u8; 32]>;

pub(crate) const DATABASE: &str = "archive.db";
/// How long to wait for another handle's transaction before [`ArchiveError::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Page cache in KiB (SQLite wants it negative): 64 MiB keeps a million-message index warm.
const CACHE_KIB: i64 = -65_536;
/// The write-ahead log is cut back to 64 MiB after a large import.
const WAL_LIMIT_BYTES: i64 = 64 << 20;

/// An open archive: one database handle and the media vault.
///
/// `Send`, not `Sync`. Open the same folder again for reading while an import runs: readers see
/// the state before the import until it commits.
pub struct Archive {
    pub(crate) connection: Connection,
    pub(crate) media: Arc<dyn MediaVault>,
}

impl Archive {
    /// Opens the archive in `dir`, creating folder (0700) and database (0600) if there is none.
    ///
    /// # Errors
    /// [`ArchiveError::WrongKey`], [`ArchiveError::Corrupt`], [`ArchiveError::TooNew`],
    /// [`ArchiveError::DiskFull`], [`ArchiveError::Io`].
    pub fn open(
        dir: &Path,
        key: &ArchiveKey,
        media: Arc<dyn MediaVault>,
    ) -> Result<Self, ArchiveError> {
        create_private_dirs(dir).map_err(ArchiveError::io("create the archive folder"))?;
        let path = dir.join(DATABASE);
        let fresh =
            create_private_file(&path).map_err(ArchiveError::io("create the archive file"))?;
        if fresh {
            key_check::write(dir, key).map_err(ArchiveError::io("write the key check file"))?;
        }
        let mut connection = Connection::open(&path)?;
        unlock(&connection, key).map_err(|e| explain(e, dir, key))?;
        configure(&connection)?;
        schema::migrate(&mut connection)?;
        if key_check::matches(dir, key) != Some(true) {
            key_check::write(dir, key).map_err(ArchiveError::io("write the key check file"))?;
        }
        Ok(Self { connection, media })
    }

    /// Whether `dir` holds an archive.
    pub fn exists(dir: &Path) -> bool {
        dir.join(DATABASE).is_file()
    }

    /// The archive's random identity, 16 bytes, made at creation.
    pub fn id(&self) -> Result<[u8; 16], ArchiveError> {
        Ok(self.connection.query_row(
            "SELECT value FROM meta WHERE name = 'archive_id'",
            [],
            |r| r.get(0),
        )?)
    }

    /// The newest change number: what a backup has when it holds everything.
    pub fn latest_cursor(&self) -> Result<Cursor, ArchiveError> {
        let seq: i64 = self.connection.query_row(
            "SELECT value FROM meta WHERE name = 'change_seq'",
            [],
            |r| r.get(0),
        )?;
        Ok(Cursor(seq.unsigned_abs()))
    }

    /// Starts an import: one transaction that [`ImportSession::commit`] makes durable and that
    /// dropping the session undoes.
    pub fn begin_import(&mut self) -> Result<ImportSession<'_>, ArchiveError> {
        ImportSession::begin(&mut self.connection, self.media.clone())
    }

    /// Opens an attachment's content.
    ///
    /// # Errors
    /// [`ArchiveError::NotFound`] if the vault does not hold it.
    pub fn open_media(&self, hash: &MediaHash) -> Result<Box<dyn Read + Send>, ArchiveError> {
        self.media.open(hash).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => ArchiveError::NotFound("media file"),
            _ => ArchiveError::io("open a media file")(e),
        })
    }

    /// Where the content of attachments is.
    pub fn media_vault(&self) -> Arc<dyn MediaVault> {
        self.media.clone()
    }

    /// Every media file that the archive counts on, with its size, each once.
    pub fn present_media(&self) -> Result<Vec<(MediaHash, u64)>, ArchiveError> {
        let mut statement = self.connection.prepare(
            "SELECT hash, max(size) FROM (
                SELECT hash, size, message_id FROM attachments WHERE hash IS NOT NULL
                UNION ALL SELECT hash, size, 9223372036854775807 FROM facts WHERE hash IS NOT NULL)
             GROUP BY hash ORDER BY max(message_id)",
        )?;
        let rows = statement.query_map([], |r| {
            let size: i64 = r.get(1)?;
            Ok((MediaHash(r.get(0)?), size.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Reads every page and checks MACs, structure and indexes.
    ///
    /// # Errors
    /// [`ArchiveError::Corrupt`] with the first finding.
    pub fn check(&self) -> Result<(), ArchiveError> {
        for pragma in ["cipher_integrity_check", "integrity_check(1)"] {
            let mut statement = self.connection.prepare(&format!("PRAGMA {pragma}"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let finding: String = row.get(0)?;
                if finding != "ok" {
                    return Err(ArchiveError::Corrupt(finding));
                }
            }
        }
        Ok(())
    }
}

/// Creates an empty file only its owner can read; false if there was one.
pub(crate) fn create_private_file(path: &Path) -> io::Result<bool> {
    match write_new(path, b"", Readers::Owner) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e),
    }
}

pub(crate) fn unlock(connection: &Connection, key: &ArchiveKey) -> Result<(), ArchiveError> {
    let mut pragma = Zeroizing::new(String::with_capacity(160));
    // SQLCipher writes to stderr by itself; errors are values here.
    pragma.push_str("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'");
    for byte in key.iter() {
        write!(pragma, "{byte:02x}").expect("writing to a String cannot fail");
    }
    pragma.push_str("'\"");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(&pragma)?;
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(())
}

/// SQLCipher answers a wrong key and a damaged head the same way.
pub(crate) fn explain(error: ArchiveError, dir: &Path, key: &ArchiveKey) -> ArchiveError {
    match (error, key_check::matches(dir, key)) {
        (ArchiveError::Corrupt(_), Some(false) | None) => ArchiveError::WrongKey,
        (error, _) => error,
    }
}

pub(crate) fn configure(connection: &Connection) -> Result<(), ArchiveError> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    // Sorting must not leave plain text in a temporary file.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update_and_check(None, "journal_size_limit", WAL_LIMIT_BYTES, |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ConversationKind, MemoryVault, NewConversation, NewMessage, NoMedia, Precision, Source,
        Timestamp, Zone,
    };

    fn message(n: i64) -> NewMessage {
        NewMessage {
            time: Timestamp { ms: n * 60_000, precision: Precision::Minute, zone: Zone::Local },
            text: format!("{n} {}", "word ".repeat(50)),
            ..NewMessage::default()
        }
    }

    fn import(archive: &mut Archive, range: std::ops::Range<i64>) -> Result<(), ArchiveError> {
        let mut session = archive.begin_import()?;
        let id = session.add_conversation(&NewConversation {
            source: Source::WhatsApp,
            key: "k".into(),
            title: "T".into(),
            kind: ConversationKind::Direct,
            participants: Vec::new(),
            sample: Vec::new(),
        })?;
        for n in range {
            session.add_message(id, message(n), &mut NoMedia)?;
        }
        session.commit().map(|_| ())
    }

    #[test]
    fn a_full_disk_loses_nothing_that_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let key = ArchiveKey::new([5; 32]);
        let mut archive =
            Archive::open(dir.path(), &key, Arc::new(MemoryVault::default())).unwrap();
        import(&mut archive, 0..200).unwrap();
        let pages: i64 =
            archive.connection.pragma_query_value(None, "page_count", |r| r.get(0)).unwrap();
        archive
            .connection
            .pragma_update_and_check(None, "max_page_count", pages + 20, |_| Ok(()))
            .unwrap();
        assert_eq!(import(&mut archive, 200..5_000).unwrap_err().code(), "archive.disk_full");
        let id = archive.conversations().unwrap()[0].id;
        assert_eq!(archive.message_count(id).unwrap(), 200);
        archive.check().unwrap();
        archive
            .connection
            .pragma_update_and_check(None, "max_page_count", i64::from(u32::MAX) - 1, |_| Ok(()))
            .unwrap();
        import(&mut archive, 0..5_000).unwrap();
        assert_eq!(archive.message_count(id).unwrap(), 5_000);
    }
}
