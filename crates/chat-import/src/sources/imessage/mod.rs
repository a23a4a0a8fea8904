//! Apple's Messages: `chat.db` of a Mac, or `sms.db` in an unencrypted backup of an iPhone.

mod typedstream;

use std::collections::HashMap;
use std::io::Read;

use chat_archive::{
    ConversationKind, ImportSession, MediaReader, MessageKind, MissingReason, NewAttachment, NewConversation,
    NewMessage, Participant, Precision, Reaction, Source, Timestamp, Zone,
};
use rusqlite::Row;

use super::Format;
use super::phone_backup::{PhoneBackup, PhoneDatabase};
use crate::database::{APPLE_EPOCH, Database, bytes, number, text};
use crate::export_files::{ExportFiles, base_name};
use crate::progress::Reporter;
use crate::{Detected, ImportError, ImportOptions, mime};

/// `chat.db`.
pub struct IMessage;

pub use typedstream::text as typedstream_text;

const TABLES: &[&str] = &["message", "handle", "chat_message_join"];
/// The owner, of whom the database knows many addresses.
const OWNER: &str = "me";

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

    fn detect(&self, files: &ExportFiles, _options: &ImportOptions) -> Result<Option<Detected>, ImportError> {
        let Some(storage) = find(files)? else { return Ok(None) };
        let mut found = Detected::of(self.format());
        found.reasons.push(format!("{} has the tables of Apple's Messages", storage.path));
        for chat in chats(&storage.database)? {
            let sql = format!("SELECT count(*) FROM chat_message_join WHERE chat_id = {}", chat.row);
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

struct Chat {
    row: i64,
    new: NewConversation,
}

fn chats(database: &Database) -> Result<Vec<Chat>, ImportError> {
    if !database.has_tables(&["chat"]) {
        return chats_by_messages(database);
    }
    let columns = database.list("chat", "c", &["ROWID", "guid", "style", "chat_identifier", "display_name"]);
    let mut all = Vec::new();
    database.each(&format!("SELECT {columns} FROM chat c ORDER BY c.ROWID"), &[], |row| {
        let row_id = number(row, "c_ROWID").unwrap_or(0);
        let identifier = text(row, "c_chat_identifier").unwrap_or_else(|| format!("chat{row_id}"));
        // 43: a group; 45: one other person.
        let is_group = number(row, "c_style") == Some(43);
        all.push(Chat {
            row: row_id,
            new: NewConversation {
                source: Source::IMessage,
                key: text(row, "c_guid").unwrap_or_else(|| identifier.clone()),
                title: text(row, "c_display_name").unwrap_or(identifier),
                kind: if is_group { ConversationKind::Group } else { ConversationKind::Direct },
                participants: Vec::new(),
                sample: Vec::new(),
            },
        });
        Ok(())
    })?;
    Ok(all)
}

/// Databases that were cut down for others to look at may lack the chats themselves.
fn chats_by_messages(database: &Database) -> Result<Vec<Chat>, ImportError> {
    let sql = "SELECT j.chat_id AS id, group_concat(DISTINCT h.id) AS who, count(DISTINCT h.id) AS people
         FROM chat_message_join j JOIN message m ON m.ROWID = j.message_id
         LEFT JOIN handle h ON h.ROWID = m.handle_id GROUP BY j.chat_id ORDER BY j.chat_id";
    let mut all = Vec::new();
    database.each(sql, &[], |row| {
        let row_id = number(row, "id").unwrap_or(0);
        let title = text(row, "who").map_or_else(|| format!("Chat {row_id}"), |who| who.replace(',', ", "));
        let is_group = number(row, "people").unwrap_or(0) > 1;
        all.push(Chat {
            row: row_id,
            new: NewConversation {
                source: Source::IMessage,
                key: format!("people:{}", title.to_lowercase()),
                title,
                kind: if is_group { ConversationKind::Group } else { ConversationKind::Direct },
                participants: Vec::new(),
                sample: Vec::new(),
            },
        });
        Ok(())
    })?;
    Ok(all)
}

/// What belongs to messages and stands in rows of its own.
#[derive(Default)]
struct Extra {
    files: HashMap<i64, Vec<NewAttachment>>,
    reactions: HashMap<String, Vec<Reaction>>,
}

impl Extra {
    fn of(database: &Database, chat: &Chat) -> Result<Self, ImportError> {
        let mut extra = Self::default();
        if database.has_tables(&["attachment", "message_attachment_join"]) {
            let columns = database.list("attachment", "a", &["filename", "mime_type", "transfer_name"]);
            let sql = format!(
                "SELECT j.message_id AS id, {columns} FROM attachment a
                 JOIN message_attachment_join j ON j.attachment_id = a.ROWID
                 JOIN chat_message_join c ON c.message_id = j.message_id WHERE c.chat_id = ?1 ORDER BY a.ROWID"
            );
            database.each(&sql, &[&chat.row], |row| {
                let path = text(row, "a_filename");
                let name = text(row, "a_transfer_name").or_else(|| path.as_deref().map(|p| base_name(p).to_owned()));
                let mime = text(row, "a_mime_type").or_else(|| name.as_deref().and_then(mime::of_name));
                let attachment = NewAttachment { name, mime, file: path.ok_or(MissingReason::NotExported) };
                extra.files.entry(number(row, "id").unwrap_or(0)).or_default().push(attachment);
                Ok(())
            })?;
        }
        if database.has_column("message", "associated_message_type") {
            extra.read_reactions(database, chat)?;
        }
        Ok(extra)
    }

    /// 2000 to 2006 puts a reaction on a message, 3000 to 3006 takes it off again.
    fn read_reactions(&mut self, database: &Database, chat: &Chat) -> Result<(), ImportError> {
        let columns = database.list(
            "message",
            "m",
            &["associated_message_guid", "associated_message_type", "associated_message_emoji", "is_from_me"],
        );
        let sql = format!(
            "SELECT {columns}, h.id AS who FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID
             LEFT JOIN handle h ON h.ROWID = m.handle_id
             WHERE j.chat_id = ?1 AND m.associated_message_type BETWEEN 2000 AND 3007 ORDER BY m.date, m.ROWID"
        );
        database.each(&sql, &[&chat.row], |row| {
            let Some(target) = text(row, "m_associated_message_guid") else { return Ok(()) };
            let target = target.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
            let kind = number(row, "m_associated_message_type").unwrap_or(0);
            let actor = if number(row, "m_is_from_me") == Some(1) { Some("Me".into()) } else { text(row, "who") };
            let emoji = text(row, "m_associated_message_emoji").unwrap_or_else(|| sign(kind % 1_000).into());
            let known = self.reactions.entry(target).or_default();
            known.retain(|r| r.actor != actor || (kind >= 3_000 && r.emoji != emoji));
            if kind < 3_000 {
                known.push(Reaction { emoji, actor, count: 1 });
            }
            Ok(())
        })
    }
}

fn sign(kind: i64) -> &'static str {
    ["❤️", "👍", "👎", "😂", "‼️", "❓"].get(usize::try_from(kind).unwrap_or(9)).copied().unwrap_or("🙂")
}

fn each(
    database: &Database,
    chat: &Chat,
    extra: &Extra,
    on_message: &mut dyn FnMut(NewMessage) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let columns = database.list(
        "message",
        "m",
        &[
            "ROWID",
            "guid",
            "text",
            "attributedBody",
            "date",
            "is_from_me",
            "item_type",
            "group_title",
            "group_action_type",
            "associated_message_type",
            "thread_originator_guid",
            "date_edited",
            "date_retracted",
            "subject",
        ],
    );
    let sql = format!(
        "SELECT {columns}, h.id AS who FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID
         LEFT JOIN handle h ON h.ROWID = m.handle_id WHERE j.chat_id = ?1 ORDER BY m.date, m.ROWID"
    );
    database.each(&sql, &[&chat.row], |row| {
        let is_reaction = number(row, "m_associated_message_type").is_some_and(|kind| (2_000..3_007).contains(&kind));
        if is_reaction { Ok(()) } else { on_message(read(chat, extra, row)) }
    })
}

fn read(chat: &Chat, extra: &Extra, row: &Row<'_>) -> NewMessage {
    let id = number(row, "m_ROWID").unwrap_or(0);
    let guid = text(row, "m_guid");
    let is_system = number(row, "m_item_type").is_some_and(|kind| kind != 0);
    let body = || bytes(row, "m_attributedBody").and_then(|blob| typedstream::text(&blob));
    // One sign stands for each file.
    let words = text(row, "m_text").or_else(body).unwrap_or_default().replace(['\u{fffc}', '\u{fffd}'], "");
    let edited_at = number(row, "m_date_edited").filter(|date| *date > 0).map(apple_time);
    let sender = match (is_system, number(row, "m_is_from_me")) {
        (true, _) => None,
        (false, Some(1)) => Some(Participant::new(OWNER, "Me").with_own(Some(true))),
        (false, _) => {
            let who = text(row, "who").unwrap_or_else(|| chat.new.title.clone());
            Some(Participant::new(who.clone(), who).with_own(Some(false)))
        }
    };
    NewMessage {
        sender,
        time: Timestamp {
            ms: apple_time(number(row, "m_date").unwrap_or(0)),
            precision: Precision::Millisecond,
            zone: Zone::Utc,
        },
        kind: if is_system { MessageKind::System } else { MessageKind::Text },
        text: if is_system && words.is_empty() { changed(row) } else { words.trim().to_owned() },
        reply_to: text(row, "m_thread_originator_guid"),
        edited: edited_at.is_some(),
        edited_at,
        unsent: number(row, "m_date_retracted").is_some_and(|date| date > 0),
        reactions: guid.as_ref().and_then(|guid| extra.reactions.get(guid)).cloned().unwrap_or_default(),
        attachments: extra.files.get(&id).cloned().unwrap_or_default(),
        source_id: guid,
        ..NewMessage::default()
    }
}

fn changed(row: &Row<'_>) -> String {
    match text(row, "m_group_title") {
        Some(title) => format!("{} named the group “{title}”", text(row, "who").unwrap_or_else(|| "Somebody".into())),
        None => "Something changed in the chat".into(),
    }
}

/// Unix milliseconds from Apple's time: nanoseconds since 2001, in old databases seconds.
fn apple_time(date: i64) -> i64 {
    // Seconds stay below this until the year 5138, nanoseconds passed it a minute and a half in.
    let is_seconds = date.unsigned_abs() < 100_000_000_000;
    let ms = if is_seconds { date.saturating_mul(1_000) } else { date / 1_000_000 };
    ms.saturating_add(APPLE_EPOCH * 1_000)
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
