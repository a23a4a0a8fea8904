//! The chats of the database, and the people in them.

use std::collections::HashMap;

use chat_archive::NewConversation;

use crate::ImportError;
use crate::database::{Database, number, text};
use crate::people::{number_of, whatsapp_chat};

/// A chat, its number in the database, and its address.
pub(super) struct Chat {
    pub row: i64,
    pub jid: String,
    pub new: NewConversation,
}

/// All chats.
pub(super) fn chats(database: &Database) -> Result<Vec<Chat>, ImportError> {
    let columns = database.list(
        "ZWACHATSESSION",
        "c",
        &["Z_PK", "ZCONTACTJID", "ZPARTNERNAME", "ZSESSIONTYPE"],
    );
    let mut all = Vec::new();
    database.each(
        &format!("SELECT {columns} FROM ZWACHATSESSION c ORDER BY c.Z_PK"),
        &[],
        |row| {
            let number_of_row = number(row, "c_Z_PK").unwrap_or(0);
            let jid = text(row, "c_ZCONTACTJID").unwrap_or_else(|| format!("chat{number_of_row}"));
            // 3: what everybody's status said.
            if number(row, "c_ZSESSIONTYPE") == Some(3) || jid == "status@broadcast" {
                return Ok(());
            }
            let title = text(row, "c_ZPARTNERNAME").unwrap_or_else(|| number_of(&jid));
            all.push(Chat {
                row: number_of_row,
                new: whatsapp_chat(&jid, title.clone(), title),
                jid,
            });
            Ok(())
        },
    )?;
    Ok(all)
}

/// Names of people: of groups by row, else by address.
#[derive(Default)]
pub(super) struct People {
    pub members: HashMap<i64, (String, Option<String>)>,
    push_names: HashMap<String, String>,
}

impl People {
    pub(super) fn of(database: &Database) -> Result<Self, ImportError> {
        let mut people = Self::default();
        if database.has_tables(&["ZWAPROFILEPUSHNAME"]) {
            let columns = database.list("ZWAPROFILEPUSHNAME", "p", &["ZJID", "ZPUSHNAME"]);
            database.each(&format!("SELECT {columns} FROM ZWAPROFILEPUSHNAME p"), &[], |row| {
                if let (Some(jid), Some(name)) = (text(row, "p_ZJID"), text(row, "p_ZPUSHNAME")) {
                    people.push_names.insert(jid, name);
                }
                Ok(())
            })?;
        }
        if database.has_tables(&["ZWAGROUPMEMBER"]) {
            let columns =
                database.list("ZWAGROUPMEMBER", "g", &["Z_PK", "ZMEMBERJID", "ZCONTACTNAME"]);
            database.each(&format!("SELECT {columns} FROM ZWAGROUPMEMBER g"), &[], |row| {
                if let (Some(id), Some(jid)) = (number(row, "g_Z_PK"), text(row, "g_ZMEMBERJID")) {
                    people.members.insert(id, (jid, text(row, "g_ZCONTACTNAME")));
                }
                Ok(())
            })?;
        }
        Ok(people)
    }

    pub(super) fn name(&self, jid: &str, known: Option<String>) -> String {
        known.or_else(|| self.push_names.get(jid).cloned()).unwrap_or_else(|| number_of(jid))
    }
}
