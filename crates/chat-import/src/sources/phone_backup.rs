//! A backup of an iPhone that iTunes or Finder made: files named by hashes, and a list of them.

use std::collections::HashMap;

use crate::ImportError;
use crate::database::{Database, text};
use crate::export_files::{ExportFiles, OnDisk, folder_of};

/// An unencrypted backup.
pub(super) struct PhoneBackup {
    /// By domain and path on the phone: the path in the backup.
    files: HashMap<(String, String), String>,
}

/// Domains of which files are looked for.
const DOMAINS: &[&str] =
    &["AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "HomeDomain", "MediaDomain"];

/// An app's database: bare, or in a backup.
pub(super) struct PhoneDatabase {
    pub database: Database,
    /// That it lies in.
    pub backup: Option<PhoneBackup>,
    /// In the export.
    pub path: String,
    /// In bytes.
    pub size: u64,
    _file: OnDisk,
}

impl PhoneDatabase {
    /// The database with these tables: among the files of an export, or at `domain` and `at` of a
    /// backup.
    ///
    /// # Errors
    /// As [`PhoneBackup::find`]; what is there cannot be read.
    pub(super) fn find(
        files: &ExportFiles,
        tables: &[&str],
        domain: &str,
        at: &str,
    ) -> Result<Option<Self>, ImportError> {
        if let Some((entry, database, file)) = super::find_database(files, tables)? {
            return Ok(Some(Self {
                database,
                backup: None,
                path: entry.path,
                size: entry.size,
                _file: file,
            }));
        }
        let Some(backup) = PhoneBackup::find(files)? else { return Ok(None) };
        let Some(path) = backup.path_of(domain, at) else { return Ok(None) };
        let Some(entry) = files.entry(&path).cloned() else { return Ok(None) };
        let file = files.on_disk(&entry)?;
        let database = Database::open(&file.path, None)?;
        let has_tables = database.has_tables(tables);
        Ok(has_tables.then_some(Self {
            database,
            backup: Some(backup),
            path,
            size: entry.size,
            _file: file,
        }))
    }
}

impl PhoneBackup {
    /// The backup in an export, if its list is there.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] if it is encrypted.
    pub(super) fn find(files: &ExportFiles) -> Result<Option<Self>, ImportError> {
        let Some(list) = files.entries().iter().find(|e| e.path.ends_with("Manifest.db")).cloned()
        else {
            return Ok(None);
        };
        let root = folder_of(&list.path).to_owned();
        let on_disk = files.on_disk(&list)?;
        let Ok(database) = Database::open(&on_disk.path, None) else {
            // An encrypted backup has an encrypted list.
            return Err(ImportError::Unsupported {
                name: list.path,
                what: "this backup of a phone is encrypted",
                hint: "make one without a password in Finder or iTunes, and import that",
            });
        };
        if !database.has_tables(&["Files"]) {
            return Ok(None);
        }
        let mut found = HashMap::new();
        let columns = database.list("Files", "f", &["fileID", "domain", "relativePath"]);
        database.each(&format!("SELECT {columns} FROM Files f"), &[], |row| {
            let parts = (text(row, "f_fileID"), text(row, "f_domain"), text(row, "f_relativePath"));
            if let (Some(id), Some(domain), Some(path)) = parts
                && DOMAINS.contains(&domain.as_str())
                && id.len() >= 2
                && id.is_ascii()
            {
                found.insert((domain, path), format!("{root}{}/{id}", &id[..2]));
            }
            Ok(())
        })?;
        Ok(Some(Self { files: found }))
    }

    /// Where a file of the phone lies in the backup.
    pub(super) fn path_of(&self, domain: &str, path: &str) -> Option<String> {
        self.files.get(&(domain.to_owned(), path.to_owned())).cloned()
    }
}
