//! WhatsApp's database on Android, `msgstore.db`, with the names in `wa.db` if it lies beside.

mod message;
mod names;

use std::collections::HashMap;
use std::io::Read;

use chat_archive::{
    ImportSession, MediaReader, MessageKind, MissingReason, NewConversation, Source,
};

use self::names::Names;
use super::Format;
use crate::database::{Database, number, text};
use crate::export_files::{ExportFiles, base_name};
use crate::people::whatsapp_chat;
use crate::progress::Reporter;
use crate::{Detected, ImportError, ImportOptions};

/// `msgstore.db`.
pub struct WhatsAppAndroid;

const TABLES: &[&str] = &["message", "chat", "jid"];

impl super::ChatSource for WhatsAppAndroid {
    fn format(&self) -> Format {
        Format {
            name: "whatsapp_android",
            source: Source::WhatsApp,
            words: "WhatsApp's database on Android (msgstore.db)",
        }
    }

    fn takes_whole_folder(&self) -> bool {
        true
    }

    fn detect(
        &self,
        files: &ExportFiles,
        _options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError> {
        let Some((entry, database, _file)) = super::find_database(files, TABLES)? else {
            return Ok(None);
        };
        let names = Names::beside(files, &entry)?;
        let mut found = Detected::of(self.format());
        found.reasons.push(format!("{} has the tables of WhatsApp on Android", entry.path));
        for chat in chats(&database, &names)? {
            let messages = database
                .count(&format!("SELECT count(*) FROM message WHERE chat_row_id = {}", chat.row));
            found.add_chat(chat.new.title, messages);
        }
        Ok(Some(found))
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let Some((entry, database, _file)) = super::find_database(files, TABLES)? else {
            return Ok(());
        };
        let names = Names::beside(files, &entry)?;
        reporter.expect(entry.size);
        files.mark_chat_file(&entry.path);
        let reading = message::Reading::new(&database, &names);
        for chat in chats(&database, &names)? {
            reporter.conversation(&chat.new.title);
            let id = session.add_conversation(&chat.new)?;
            let mut media = Media { files };
            reading.each(&chat, &mut |message| {
                match message {
                    Ok(message) => {
                        if message.details.raw.is_some() && message.kind != MessageKind::Unknown {
                            session.count_not_understood("kind of message");
                        }
                        session.add_message(id, message, &mut media)?;
                    }
                    Err(row) => {
                        session.add_leftover(id, "message without a time", row.as_bytes())?
                    }
                }
                reporter.message(0)
            })?;
            session.finish_conversation(id, &mut media)?;
        }
        reporter.file_done(entry.size);
        session.count_export(&files.contents(0));
        reporter.report()
    }
}

/// A chat of the database.
pub struct Chat {
    /// Its row.
    pub row: i64,
    /// Whose it is, if it is with one person.
    pub jid: String,
    /// As the archive has it.
    pub new: NewConversation,
}

fn chats(database: &Database, names: &Names) -> Result<Vec<Chat>, ImportError> {
    let columns = database.list("chat", "c", &["_id", "subject"]);
    let jid = database.list("jid", "j", &["user", "server", "raw_string"]);
    let sql = format!(
        "SELECT {columns}, {jid} FROM chat c LEFT JOIN jid j ON j._id = c.jid_row_id ORDER BY c._id"
    );
    let mut all = Vec::new();
    database.each(&sql, &[], |row| {
        let jid = names::jid_of(row)
            .unwrap_or_else(|| format!("chat{}", number(row, "c__id").unwrap_or(0)));
        // What everybody's status said is no chat.
        if jid == "status@broadcast" {
            return Ok(());
        }
        let title = text(row, "c_subject").unwrap_or_else(|| names.of(&jid));
        all.push(Chat {
            row: number(row, "c__id").unwrap_or(0),
            new: whatsapp_chat(&jid, title, names.of(&jid)),
            jid,
        });
        Ok(())
    })?;
    Ok(all)
}

/// Files lie in folders whose beginning the database does not know: found by their names.
struct Media<'a> {
    files: &'a mut ExportFiles,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        self.files.open_by_name(base_name(file), "")
    }
}

/// By row of the table `jid`.
pub type People = HashMap<i64, String>;
