//! Messages, with the files and reactions that stand in rows of their own.

use std::collections::HashMap;

use chat_archive::{
    MessageKind, MissingReason, NewAttachment, NewMessage, Participant, Precision, Reaction,
    Timestamp, Zone,
};
use rusqlite::Row;

use super::chats::Chat;
use super::typedstream;
use crate::database::{APPLE_EPOCH, Database, bytes, number, text};
use crate::export_files::base_name;
use crate::{ImportError, mime};

/// The owner, of whom the database knows many addresses.
const OWNER: &str = "me";

/// What belongs to messages and stands in rows of its own.
#[derive(Default)]
pub(super) struct Extra {
    files: HashMap<i64, Vec<NewAttachment>>,
    reactions: HashMap<String, Vec<Reaction>>,
}

impl Extra {
    pub(super) fn of(database: &Database, chat: &Chat) -> Result<Self, ImportError> {
        let mut extra = Self::default();
        if database.has_tables(&["attachment", "message_attachment_join"]) {
            let columns =
                database.list("attachment", "a", &["filename", "mime_type", "transfer_name"]);
            let sql = format!(
                "SELECT j.message_id AS id, {columns} FROM attachment a
                 JOIN message_attachment_join j ON j.attachment_id = a.ROWID
                 JOIN chat_message_join c ON c.message_id = j.message_id WHERE c.chat_id = ?1 ORDER BY a.ROWID"
            );
            database.each(&sql, &[&chat.row], |row| {
                let path = text(row, "a_filename");
                let name = text(row, "a_transfer_name")
                    .or_else(|| path.as_deref().map(|p| base_name(p).to_owned()));
                let mime =
                    text(row, "a_mime_type").or_else(|| name.as_deref().and_then(mime::of_name));
                let attachment =
                    NewAttachment { name, mime, file: path.ok_or(MissingReason::NotExported) };
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
            &[
                "associated_message_guid",
                "associated_message_type",
                "associated_message_emoji",
                "is_from_me",
            ],
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
            let actor = if number(row, "m_is_from_me") == Some(1) {
                Some("Me".into())
            } else {
                text(row, "who")
            };
            let emoji = text(row, "m_associated_message_emoji")
                .unwrap_or_else(|| sign(kind % 1_000).into());
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
    ["❤️", "👍", "👎", "😂", "‼️", "❓"]
        .get(usize::try_from(kind).unwrap_or(9))
        .copied()
        .unwrap_or("🙂")
}

/// Reads the messages of a chat, in order of time.
pub(super) fn each(
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
        let is_reaction = number(row, "m_associated_message_type")
            .is_some_and(|kind| (2_000..3_007).contains(&kind));
        if is_reaction { Ok(()) } else { on_message(read(chat, extra, row)) }
    })
}

fn read(chat: &Chat, extra: &Extra, row: &Row<'_>) -> NewMessage {
    let id = number(row, "m_ROWID").unwrap_or(0);
    let guid = text(row, "m_guid");
    let is_system = number(row, "m_item_type").is_some_and(|kind| kind != 0);
    let body = || bytes(row, "m_attributedBody").and_then(|blob| typedstream::text(&blob));
    // One sign stands for each file.
    let words =
        text(row, "m_text").or_else(body).unwrap_or_default().replace(['\u{fffc}', '\u{fffd}'], "");
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
        reactions: guid
            .as_ref()
            .and_then(|guid| extra.reactions.get(guid))
            .cloned()
            .unwrap_or_default(),
        attachments: extra.files.get(&id).cloned().unwrap_or_default(),
        source_id: guid,
        ..NewMessage::default()
    }
}

fn changed(row: &Row<'_>) -> String {
    match text(row, "m_group_title") {
        Some(title) => format!(
            "{} named the group “{title}”",
            text(row, "who").unwrap_or_else(|| "Somebody".into())
        ),
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
