//! Messages of `msgstore.db`.

use std::collections::HashMap;

use chat_archive::{
    Details, MessageKind, MissingReason, NewAttachment, NewMessage, Participant, Precision,
    Reaction, Sort, Timestamp, Zone,
};
use rusqlite::Row;

use super::names::{self, Names};
use super::{Chat, People};
use crate::database::{Database, number, raw, real, text};
use crate::export_files::base_name;
use crate::people::card_in_words;
use crate::{ImportError, mime};

/// The owner, whose own address the database does not hold in every version.
pub(super) const OWNER: &str = "me";

/// Called with each message, or a row that has no time.
pub(super) type OnMessage<'a> =
    &'a mut dyn FnMut(Result<NewMessage, String>) -> Result<(), ImportError>;

/// Reads messages with what belongs to them.
pub(super) struct Reading<'a> {
    database: &'a Database,
    names: &'a Names,
    people: People,
    sql: String,
}

/// Tables that hold more of a message, and the columns that are read.
const MORE: &[(&str, &str, &[&str])] = &[
    (
        "message_media",
        "d",
        &["file_path", "mime_type", "media_name", "file_size", "media_duration"],
    ),
    ("message_location", "l", &["latitude", "longitude", "place_name", "place_address"]),
    ("message_quoted", "q", &["key_id", "text_data"]),
    ("message_forwarded", "f", &["forward_score"]),
    ("message_revoked", "r", &["revoked_key_id"]),
    ("message_system", "s", &["action_type"]),
    ("message_text", "t", &["page_title", "url"]),
];

impl<'a> Reading<'a> {
    /// Prepares to read.
    pub(super) fn new(database: &'a Database, names: &'a Names) -> Self {
        let mut columns = database.list(
            "message",
            "m",
            &[
                "_id",
                "from_me",
                "key_id",
                "sender_jid_row_id",
                "timestamp",
                "message_type",
                "text_data",
                "sort_id",
            ],
        );
        let mut joins = String::new();
        for (table, alias, wanted) in MORE {
            if database.has_column(table, "message_row_id") {
                columns.push_str(&format!(", {}", database.list(table, alias, wanted)));
                joins.push_str(&format!(
                    " LEFT JOIN {table} {alias} ON {alias}.message_row_id = m._id"
                ));
            } else {
                let absent: Vec<String> =
                    wanted.iter().map(|c| format!(", NULL AS {alias}_{c}")).collect();
                columns.push_str(&absent.concat());
            }
        }
        let order =
            if database.has_column("message", "sort_id") { "m.sort_id, m._id" } else { "m._id" };
        let sql = format!(
            "SELECT {columns} FROM message m{joins} WHERE m.chat_row_id = ?1 ORDER BY {order}"
        );
        Self { database, names, people: people(database), sql }
    }

    /// Hands over the messages of a chat, in order.
    pub(super) fn each(&self, chat: &Chat, on_message: OnMessage<'_>) -> Result<(), ImportError> {
        let reactions = self.reactions(chat)?;
        let cards = self.cards(chat)?;
        self.database.each(&self.sql, &[&chat.row], |row| {
            let id = number(row, "m__id").unwrap_or(0);
            let Some(mut message) = self.message(chat, row) else {
                return on_message(Err(raw(row)));
            };
            message.reactions = reactions.get(&id).cloned().unwrap_or_default();
            if let Some(cards) = cards.get(&id) {
                message.text = [message.text, cards.join("\n")]
                    .into_iter()
                    .filter(|t| !t.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n");
                message.details.sort = Some(Sort::Contact);
            }
            on_message(Ok(message))
        })
    }

    fn message(&self, chat: &Chat, row: &Row<'_>) -> Option<NewMessage> {
        let kind = number(row, "m_message_type").unwrap_or(0);
        let ms = number(row, "m_timestamp")?;
        if ms <= 0 {
            return None;
        }
        let (sort, is_known) = sort_of(kind);
        let is_system = kind == 7;
        let mut message = NewMessage {
            source_id: text(row, "m_key_id"),
            sender: if is_system { None } else { Some(self.sender(chat, row)) },
            time: Timestamp { ms, precision: Precision::Millisecond, zone: Zone::Utc },
            kind: if is_system { MessageKind::System } else { MessageKind::Text },
            text: text(row, "m_text_data").unwrap_or_default(),
            reply_to: text(row, "q_key_id"),
            forwarded_from: number(row, "f_forward_score")
                .filter(|score| *score > 0)
                .map(|_| String::new()),
            unsent: kind == 15 || text(row, "r_revoked_key_id").is_some(),
            attachments: attachment(kind, row).into_iter().collect(),
            details: Details { sort, ..Details::default() },
            ..NewMessage::default()
        };
        self.add_words(kind, row, &mut message);
        if !is_known && message.attachments.is_empty() {
            message.details.raw = Some(raw(row));
            if message.text.is_empty() {
                message.kind = MessageKind::Unknown;
                message.text =
                    format!("Something that Keepsake does not understand yet (kind {kind})");
            }
        }
        Some(message)
    }

    fn sender(&self, chat: &Chat, row: &Row<'_>) -> Participant {
        if number(row, "m_from_me") == Some(1) {
            return Participant::new(OWNER, "Me").with_own(Some(true));
        }
        let jid = number(row, "m_sender_jid_row_id").and_then(|row| self.people.get(&row)).cloned();
        let jid = jid.unwrap_or_else(|| chat.jid.clone());
        let name = self.names.of(&jid);
        Participant::new(jid, name).with_own(Some(false))
    }

    /// What is not text, in words.
    fn add_words(&self, kind: i64, row: &Row<'_>, message: &mut NewMessage) {
        let mut parts = vec![std::mem::take(&mut message.text)];
        if let (Some(latitude), Some(longitude)) =
            (real(row, "l_latitude"), real(row, "l_longitude"))
        {
            parts.push(format!("geo:{latitude},{longitude}"));
            parts.extend(text(row, "l_place_name"));
            parts.extend(text(row, "l_place_address"));
            message.details.sort = Some(Sort::Location);
        }
        if matches!(kind, 10 | 90) {
            parts.push("Call".into());
        }
        if kind == 7 && parts[0].is_empty() {
            let action = number(row, "s_action_type").unwrap_or(0);
            parts.push(format!("Something changed in the chat (action {action})"));
        }
        parts.retain(|part| !part.is_empty());
        message.text = parts.join("\n");
    }

    fn reactions(&self, chat: &Chat) -> Result<HashMap<i64, Vec<Reaction>>, ImportError> {
        let mut all: HashMap<i64, Vec<Reaction>> = HashMap::new();
        if !self.database.has_tables(&["message_add_on", "message_add_on_reaction"]) {
            return Ok(all);
        }
        let columns = self.database.list(
            "message_add_on",
            "a",
            &["parent_message_row_id", "from_me", "sender_jid_row_id"],
        );
        let sql = format!(
            "SELECT {columns}, x.reaction AS x_reaction FROM message_add_on a
             JOIN message_add_on_reaction x ON x.message_add_on_row_id = a._id WHERE a.chat_row_id = ?1 ORDER BY a._id"
        );
        self.database.each(&sql, &[&chat.row], |row| {
            let (Some(parent), Some(emoji)) =
                (number(row, "a_parent_message_row_id"), text(row, "x_reaction"))
            else {
                return Ok(());
            };
            let jid = number(row, "a_sender_jid_row_id").and_then(|row| self.people.get(&row));
            let actor = match number(row, "a_from_me") {
                Some(1) => "Me".to_owned(),
                _ => self.names.of(jid.unwrap_or(&chat.jid)),
            };
            all.entry(parent).or_default().push(Reaction { emoji, actor: Some(actor), count: 1 });
            Ok(())
        })?;
        Ok(all)
    }

    /// Contact cards, as the names in them.
    fn cards(&self, chat: &Chat) -> Result<HashMap<i64, Vec<String>>, ImportError> {
        let mut all: HashMap<i64, Vec<String>> = HashMap::new();
        if !self.database.has_tables(&["message_vcard"]) {
            return Ok(all);
        }
        let sql = "SELECT v.message_row_id AS id, v.vcard AS card FROM message_vcard v
             JOIN message m ON m._id = v.message_row_id WHERE m.chat_row_id = ?1 ORDER BY v._id";
        self.database.each(sql, &[&chat.row], |row| {
            if let (Some(id), Some(card)) = (number(row, "id"), text(row, "card")) {
                all.entry(id).or_default().push(card_in_words(&card));
            }
            Ok(())
        })?;
        Ok(all)
    }
}

fn attachment(kind: i64, row: &Row<'_>) -> Option<NewAttachment> {
    let path = text(row, "d_file_path");
    let is_file = matches!(kind, 1 | 2 | 3 | 9 | 13 | 20 | 42 | 43 | 81);
    if path.is_none() && !is_file {
        return None;
    }
    let name =
        path.as_deref().map(|p| base_name(p).to_owned()).or_else(|| text(row, "d_media_name"));
    let mime = text(row, "d_mime_type").or_else(|| name.as_deref().and_then(mime::of_name));
    Some(NewAttachment { name, mime, file: path.ok_or(MissingReason::NotExported) })
}

/// What a kind of message is about, and whether it is understood.
fn sort_of(kind: i64) -> (Option<Sort>, bool) {
    match kind {
        4 | 14 => (Some(Sort::Contact), true),
        5 | 16 => (Some(Sort::Location), true),
        10 | 90 => (Some(Sort::Call), true),
        66 => (Some(Sort::Poll), true),
        0 | 1 | 2 | 3 | 7 | 9 | 13 | 15 | 20 | 42 | 43 | 81 => (None, true),
        _ => (None, false),
    }
}

fn people(database: &Database) -> People {
    let mut people = HashMap::new();
    let sql = format!(
        "SELECT j._id AS id, {} FROM jid j",
        database.list("jid", "j", &["user", "server", "raw_string"])
    );
    let read = database.each(&sql, &[], |row| {
        if let (Some(id), Some(jid)) = (number(row, "id"), names::jid_of(row)) {
            people.insert(id, jid);
        }
        Ok(())
    });
    // Without the table of addresses nothing was recognised.
    let _ = read;
    people
}
