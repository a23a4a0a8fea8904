//! Apple's Messages: `chat.db` of a Mac, or `sms.db` in an unencrypted backup of an iPhone.

mod chats;
mod message;
mod typedstream;

use std::io::Read;

use chat_archive::{ImportSession, MediaReader, MissingReason, Source};

use self::chats::chats;
use self::message::{Extra, each};
use super::Format;
use super::phone_backup::{PhoneBackup, PhoneDatabase};
use crate::export_files::{ExportFiles, base_name};
use crate::progress::Reporter;
use crate::{Detected, ImportError, ImportOptions};

/// `chat.db`.
pub struct IMessage;

pub use typedstream::text as typedstream_text;

const TABLES: &[&str] = &["message", "handle", "chat_message_join"];

fn find(files: &ExportFiles) -> Result<Option<PhoneDatabase>, ImportError> {
    PhoneDatabase::find(files, TABLES, "HomeDomain", "Library/SMS/sms.db")
}

impl super::ChatSource for IMessage {
    fn format(&self) -> Format {
        Format {
            name: "imessage",
            source: Source::IMessage,
            words: "Apple Messages (chat.db, or an iTunes/Finder backup)",
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
        let Some(storage) = find(files)? else { return Ok(None) };
        let mut found = Detected::of(self.format());
        found.reasons.push(format!("{} has the tables of Apple's Messages", storage.path));
        for chat in chats(&storage.database)? {
            let sql =
                format!("SELECT count(*) FROM chat_message_join WHERE chat_id = {}", chat.row);
            let messages = storage.database.count(&sql);
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
        let Some(storage) = find(files)? else { return Ok(()) };
        reporter.expect(storage.size);
        files.mark_chat_file(&storage.path);
        for chat in chats(&storage.database)? {
            reporter.conversation(&chat.new.title);
            let id = session.add_conversation(&chat.new)?;
            let mut media = Media { files, backup: storage.backup.as_ref() };
            let extra = Extra::of(&storage.database, &chat)?;
            each(&storage.database, &chat, &extra, &mut |message| {
                session.add_message(id, message, &mut media)?;
                reporter.message(0)
            })?;
            session.finish_conversation(id, &mut media)?;
        }
        reporter.file_done(storage.size);
        session.count_export(&files.contents(0));
        reporter.report()
    }
}

/// Files under `~/Library/Messages/Attachments`, by the end of their path; in a backup, by the
/// name that it gives them.
struct Media<'a> {
    files: &'a mut ExportFiles,
    backup: Option<&'a PhoneBackup>,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let below = file.find("Library/").map_or(file, |at| &file[at..]);
        if let Some(backup) = self.backup {
            let path = backup.path_of("MediaDomain", below).ok_or(MissingReason::FileNotFound)?;
            return self.files.open_by_path(&path);
        }
        let inside = below.find("Attachments/").map_or(below, |at| &below[at..]).to_owned();
        if self.files.entry(&inside).is_some() {
            return self.files.open_by_path(&inside);
        }
        self.files.open_by_name(base_name(file), "")
    }
}
