//! Names of people: from the contacts in `wa.db`, else their numbers.

use std::collections::HashMap;

use rusqlite::Row;

use crate::ImportError;
use crate::database::{Database, text};
use crate::export_files::{Entry, ExportFiles, folder_of};
use crate::people::number_of;

/// Names by address.
#[derive(Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    /// From `wa.db` beside the messages; none if it is not there.
    pub(super) fn beside(files: &ExportFiles, entry: &Entry) -> Result<Self, ImportError> {
        let Some(contacts) = files.entry(&format!("{}wa.db", folder_of(&entry.path))).cloned()
        else {
            return Ok(Self::default());
        };
        let file = files.on_disk(&contacts)?;
        let Ok(database) = Database::open(&file.path, None) else { return Ok(Self::default()) };
        let mut names = HashMap::new();
        if database.has_tables(&["wa_contacts"]) {
            let columns = database.list("wa_contacts", "w", &["jid", "display_name", "wa_name"]);
            database.each(&format!("SELECT {columns} FROM wa_contacts w"), &[], |row| {
                let name = text(row, "w_display_name").or_else(|| text(row, "w_wa_name"));
                if let (Some(jid), Some(name)) = (text(row, "w_jid"), name) {
                    names.insert(jid, name);
                }
                Ok(())
            })?;
        }
        Ok(Self(names))
    }

    /// The name of an address: a contact's, or `+49170…`.
    pub(super) fn of(&self, jid: &str) -> String {
        self.0.get(jid).cloned().unwrap_or_else(|| number_of(jid))
    }
}

/// The address in columns `j_raw_string`, or `j_user` and `j_server`.
pub(super) fn jid_of(row: &Row<'_>) -> Option<String> {
    text(row, "j_raw_string")
        .or_else(|| Some(format!("{}@{}", text(row, "j_user")?, text(row, "j_server")?)))
}
