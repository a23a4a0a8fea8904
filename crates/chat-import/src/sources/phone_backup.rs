//! A backup of an iPhone that iTunes or Finder made: files named by hashes, and a list of them.

use std::collections::HashMap;

use crate::ImportError;
use crate::database::{Database, text};
use crate::export_files::{ExportFiles, folder_of};

/// An unencrypted backup.
pub struct PhoneBackup {
    /// By domain and path on the phone: the path in the backup.
    files: HashMap<(String, String), String>,
}

/// Domains of which files are looked for.
const DOMAINS: &[&str] = &["AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "HomeDomain", "MediaDomain"];

impl PhoneBackup {
    /// The backup in an export, if its list is there.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] if it is encrypted.
    pub fn find(files: &ExportFiles) -> Result<Option<Self>, ImportError> {
        let Some(list) = files.entries().iter().find(|e| e.path.ends_with("Manifest.db")).cloned() else {
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
    pub fn path_of(&self, domain: &str, path: &str) -> Option<String> {
        self.files.get(&(domain.to_owned(), path.to_owned())).cloned()
    }
}
