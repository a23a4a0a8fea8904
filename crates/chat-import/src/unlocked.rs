//! What the caller opened of an export that is encrypted: importers know no encryption.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

/// Stands in for what an export has under lock. The caller makes it; whose key that takes, and how
/// it opens, is the caller's business.
pub trait Unlocked: Send + Sync {
    /// What is read in place of the file at `path`.
    fn file(&self, path: &Path) -> Option<OpenedFile>;
    /// The plain content of an attachment, with the key that the chat's database has for it and its
    /// size in bytes.
    ///
    /// # Errors
    /// If it does not open, or was changed.
    fn attachment(&self, sealed: File, key: &str, size: u64) -> io::Result<Box<dyn Read>>;
}

/// A file that is read in place of an encrypted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedFile {
    /// Its name in the export: `msgstore.db`.
    pub name: String,
    /// Where it lies: outside the export, or the very file, if it is a database with a key.
    pub path: PathBuf,
    /// Of a database that SQLCipher decrypts.
    pub key: Option<DatabaseKey>,
}

/// A raw key of SQLCipher, which is handed to it as it is. Redacted in Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseKey(Arc<Zeroizing<String>>);

impl DatabaseKey {
    /// From 64 hexadecimal digits; `None` for anything else.
    pub fn new(digits: &str) -> Option<Self> {
        let is_key = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_key.then(|| Self(Arc::new(Zeroizing::new(digits.to_owned()))))
    }

    /// The statement that gives it to a connection.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", self.0.as_str()))
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}
