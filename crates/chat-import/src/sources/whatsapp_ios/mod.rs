//! WhatsApp's database on iPhones, `ChatStorage.sqlite`: bare with its `Message` folder, or in an
//! unencrypted backup that iTunes or Finder made.

mod chats;
mod message;

use std::io::Read;

use chat_archive::{ImportSession, MediaReader, MessageKind, MissingReason, Source};

use self::chats::{People, chats};
use self::message::each;
use super::Format;
use super::phone_backup::{PhoneBackup, PhoneDatabase};
use crate::export_files::{ExportFiles, base_name};
use crate::progress::Reporter;
use crate::{Detected, ImportError, ImportOptions};

/// `ChatStorage.sqlite`.
pub struct WhatsAppIos;

const TABLES: &[&str] = &["ZWAMESSAGE", "ZWACHATSESSION"];
const DOMAIN: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";

fn find(files: &ExportFiles) -> Result<Option<PhoneDatabase>, ImportError> {
    PhoneDatabase::find(files, TABLES, DOMAIN, "ChatStorage.sqlite")
}

impl super::ChatSource for WhatsAppIos {
    fn format(&self) -> Format {
        Format {
            name: "whatsapp_ios",
            source: Source::WhatsApp,
            words: "WhatsApp's database on iPhone (ChatStorage.sqlite, or an iTunes/Finder backup)",
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
        found.reasons.push(format!("{} has the tables of WhatsApp on iPhone", storage.path));
        for chat in chats(&storage.database)? {
            let sql = format!("SELECT count(*) FROM ZWAMESSAGE WHERE ZCHATSESSION = {}", chat.row);
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
        let people = People::of(&storage.database)?;
        for chat in chats(&storage.database)? {
            reporter.conversation(&chat.new.title);
            let id = session.add_conversation(&chat.new)?;
            let mut media = Media { files, backup: storage.backup.as_ref() };
            each(&storage.database, &people, &chat, &mut |message| {
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
        reporter.file_done(storage.size);
        session.count_export(&files.contents(0));
        reporter.report()
    }
}

/// Files under `Message/`, by path; in a backup, by the name that it gives them.
struct Media<'a> {
    files: &'a mut ExportFiles,
    backup: Option<&'a PhoneBackup>,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let below = format!("Message/{}", file.trim_start_matches('/'));
        match self.backup {
            Some(backup) => {
                let path = backup.path_of(DOMAIN, &below).or_else(|| backup.path_of(DOMAIN, file));
                self.files.open_by_path(&path.ok_or(MissingReason::FileNotFound)?)
            }
            None => self.files.open_by_name(base_name(file), ""),
        }
    }
}
