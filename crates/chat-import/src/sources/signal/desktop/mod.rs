//! Signal Desktop's own database, `sql/db.sqlite` in its folder, with the attachments beside it.
//! The caller opened both.

mod files;
mod message;
mod people;

use std::io::Read;

use chat_archive::{
    ConversationKind, ImportSession, MediaReader, MessageKind, MissingReason, NewConversation,
    Source,
};

use self::files::FileOf;
use self::message::Reading;
use self::people::{Chat, People};
use crate::database::Database;
use crate::export_files::{ExportFiles, base_name};
use crate::progress::Reporter;
use crate::sources::{Format, find_database};
use crate::{ConversationPreview, Detected, ImportError, ImportOptions};

/// Signal Desktop's database.
pub struct SignalDesktop;

const TABLES: &[&str] = &["messages", "conversations", "items"];

impl crate::sources::ChatSource for SignalDesktop {
    fn format(&self) -> Format {
        Format {
            name: "signal_desktop",
            source: Source::Signal,
            words: "Signal Desktop's folder (sql/db.sqlite)",
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
        let Some((entry, database, _file)) = find_database(files, TABLES)? else { return Ok(None) };
        let people = People::of(&database)?;
        let mut found = Detected::of(self.format());
        found.reasons.push(format!("{} has the tables of Signal Desktop", entry.path));
        for chat in people.chats() {
            let messages = count(&database, chat)?;
            if messages > 0 {
                let participants =
                    people.of_chat(chat).into_iter().map(|p| p.name).take(6).collect();
                let title = chat.title.clone();
                found.conversations.push(ConversationPreview { title, messages, participants });
            }
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
        let Some((entry, database, _file)) = find_database(files, TABLES)? else { return Ok(()) };
        let people = People::of(&database)?;
        reporter.expect(entry.size);
        files.mark_chat_file(&entry.path);
        let reading = Reading::new(&database, &people);
        for chat in people.chats() {
            if count(&database, chat)? > 0 {
                import_chat(chat, &reading, files, session, reporter)?;
            }
        }
        reporter.file_done(entry.size);
        session.count_export(&files.contents(0));
        reporter.report()
    }
}

fn count(database: &Database, chat: &Chat) -> Result<u64, ImportError> {
    let mut count = 0;
    let sql = "SELECT count(*) AS n FROM messages WHERE conversationId = ?1";
    database.each(sql, &[&chat.id], |row| {
        count = crate::database::number(row, "n").map_or(0, i64::unsigned_abs);
        Ok(())
    })?;
    Ok(count)
}

fn import_chat(
    chat: &Chat,
    reading: &Reading<'_>,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    reporter.conversation(&chat.title);
    let id = session.add_conversation(&NewConversation {
        source: Source::Signal,
        key: chat.key.clone(),
        title: chat.title.clone(),
        kind: if chat.members.is_some() {
            ConversationKind::Group
        } else {
            ConversationKind::Direct
        },
        participants: reading.people.of_chat(chat),
        sample: Vec::new(),
    })?;
    let mut media = Media { files };
    reading.each(chat, &mut |message| {
        match message {
            Ok(message) => {
                if message.details.raw.is_some() && message.kind != MessageKind::Unknown {
                    session.count_not_understood("kind of message");
                }
                session.add_message(id, message, &mut media)?;
            }
            Err((kind, row)) => session.add_leftover(id, kind, row.as_bytes())?,
        }
        reporter.message(0)
    })?;
    Ok(session.finish_conversation(id, &mut media)?)
}

/// Attachments lie under names that are hashes, encrypted since 2024.
struct Media<'a> {
    files: &'a mut ExportFiles,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let FileOf { path, key, size } = FileOf::parse(file).ok_or(MissingReason::FileNotFound)?;
        let path = path.replace('\\', "/");
        match key {
            Some(key) => self.files.open_sealed(base_name(&path), &key, size),
            None => self.files.open_by_name(base_name(&path), ""),
        }
    }
}
