//! Messages of Signal Desktop's database.

use std::collections::HashMap;

use chat_archive::{
    Details, MessageKind, NewAttachment, NewMessage, Participant, Precision, Reaction, Sort,
    Timestamp, Wording, Zone,
};
use rusqlite::Row;
use serde_json::Value;

use super::files::{FileOf, attachment, files_in};
use super::people::{Chat, People};
use crate::ImportError;
use crate::database::{Database, number, raw, text};
use crate::sources::signal::{field, frame};

const COLUMNS: &[&str] = &[
    "id",
    "json",
    "type",
    "body",
    "sent_at",
    "received_at",
    "source",
    "sourceServiceId",
    "sourceUuid",
    "isStory",
    "callId",
];

/// What Signal itself says, by the type of the row.
const SENTENCES: &[(&str, &str)] = &[
    ("keychange", "Safety number changed"),
    ("verified-change", "Safety number was checked or unchecked"),
    ("timer-notification", "Disappearing messages were changed"),
    ("universal-timer-notification", "Disappearing messages were changed"),
    ("profile-change", "Name changed"),
    ("change-number-notification", "Telephone number changed"),
    ("group-v1-migration", "The group became a new group"),
    ("group-v2-change", "The group was changed"),
    ("title-transition-notification", "Name changed"),
    ("contact-removed-notification", "Contact removed"),
    ("message-request-response-event", "Message request answered"),
    ("conversation-merge", "Two chats became one"),
    ("phone-number-discovery", "Telephone number found"),
    ("joined-signal-notification", "Joined Signal"),
    ("pinned-message-notification", "Pinned a message"),
    ("poll-terminate", "Ended a poll"),
];

/// A row that is no message: its kind, and what is in it.
pub(super) type Leftover = (&'static str, String);

/// Reads the messages of chats.
pub(super) struct Reading<'a> {
    database: &'a Database,
    /// Everyone.
    pub people: &'a People,
}

impl<'a> Reading<'a> {
    /// Of a database.
    pub(super) fn new(database: &'a Database, people: &'a People) -> Self {
        Self { database, people }
    }

    /// Hands over the messages of a chat in its order.
    pub(super) fn each(
        &self,
        chat: &Chat,
        on_message: &mut dyn FnMut(Result<NewMessage, Leftover>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let files = self.files_of(chat)?;
        let columns = self.database.list("messages", "m", COLUMNS);
        let sql = format!(
            "SELECT {columns} FROM messages m WHERE m.conversationId = ?1 ORDER BY m_received_at, m_sent_at, m.rowid"
        );
        self.database.each(&sql, &[&chat.id], |row| on_message(self.message(row, chat, &files)))
    }

    /// Attachments that newer versions have in a table of their own, by message.
    fn files_of(&self, chat: &Chat) -> Result<HashMap<String, Vec<NewAttachment>>, ImportError> {
        let mut files: HashMap<String, Vec<NewAttachment>> = HashMap::new();
        if !self.database.has_tables(&["message_attachments"]) {
            return Ok(files);
        }
        let columns = self.database.list(
            "message_attachments",
            "a",
            &["messageId", "path", "localKey", "size", "contentType", "fileName", "version"],
        );
        let sql = format!(
            "SELECT {columns} FROM message_attachments a JOIN messages m ON m.id = a.messageId
             WHERE m.conversationId = ?1 AND a.editHistoryIndex = -1
               AND a.attachmentType IN ('attachment', 'long-message', 'sticker')
             ORDER BY a.messageId, a.orderInMessage"
        );
        self.database.each(&sql, &[&chat.id], |row| {
            let Some(message) = text(row, "a_messageId") else { return Ok(()) };
            let file = FileOf {
                path: text(row, "a_path").unwrap_or_default(),
                key: text(row, "a_localKey").filter(|_| number(row, "a_version").unwrap_or(2) >= 2),
                size: number(row, "a_size").unwrap_or(0).unsigned_abs(),
            };
            let found = attachment(file, text(row, "a_fileName"), text(row, "a_contentType"));
            files.entry(message).or_default().push(found);
            Ok(())
        })?;
        Ok(files)
    }

    fn message(
        &self,
        row: &Row<'_>,
        chat: &Chat,
        files: &HashMap<String, Vec<NewAttachment>>,
    ) -> Result<NewMessage, Leftover> {
        let json: Value = text(row, "m_json")
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        let kind = text(row, "m_type").or_else(|| frame::text(&json, "type")).unwrap_or_default();
        if number(row, "m_isStory") == Some(1) || kind == "story" {
            return Err(("story", raw(row)));
        }
        let sent = number(row, "m_sent_at").or_else(|| ms_in(&json, "sent_at"));
        let time = sent.and_then(time).ok_or_else(|| ("message without a time", raw(row)))?;
        if kind != "incoming" && kind != "outgoing" {
            return Ok(self.said_by_signal(row, &json, &kind, time));
        }
        let sender = if kind == "outgoing" { self.people.owner() } else { self.sender(row, chat) };
        let history = history(&json);
        // An edit has a time of its own; the message stands where it was first sent.
        let first =
            history.iter().filter_map(|wording| wording.at).min().unwrap_or(time.ms).min(time.ms);
        let own_files =
            files.get(&text(row, "m_id").unwrap_or_default()).cloned().unwrap_or_default();
        let body = text(row, "m_body").or_else(|| frame::text(&json, "body"));
        let unsent = json.get("deletedForEveryone").and_then(Value::as_bool).unwrap_or(false);
        let (about, sort) = self.about(&json);
        let words = [body.map(|body| self.with_names(&body, &json)), about];
        Ok(NewMessage {
            source_id: Some(format!("{} {first}", sender.key)),
            sender: Some(sender),
            time: Timestamp { ms: first, ..time },
            text: words
                .into_iter()
                .flatten()
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
                .join("\n"),
            reply_to: self.reply_to(&json),
            edited: history.len() > 1,
            edited_at: (history.len() > 1)
                .then(|| history.iter().filter_map(|w| w.at).max())
                .flatten(),
            unsent,
            reactions: self.reactions(&json),
            attachments: if own_files.is_empty() { files_in(&json) } else { own_files },
            earlier: history
                .into_iter()
                .skip(1)
                .map(|w| Wording { at: w.at.filter(|at| *at != first), ..w })
                .collect(),
            details: Details { sort, ..Details::default() },
            ..NewMessage::default()
        })
    }

    fn sender(&self, row: &Row<'_>, chat: &Chat) -> Participant {
        let sources = ["m_sourceServiceId", "m_sourceUuid", "m_source"];
        let known = sources
            .iter()
            .filter_map(|column| text(row, column))
            .find_map(|who| self.people.person(&who));
        let named = || {
            sources
                .iter()
                .find_map(|column| text(row, column))
                .map(|who| Participant::new(&who, &who))
        };
        let partner = || Participant::new(&chat.key, &chat.title).with_own(Some(false));
        known.or_else(|| named().filter(|_| chat.members.is_some())).unwrap_or_else(partner)
    }

    /// What is not understood is stored as it is.
    fn said_by_signal(
        &self,
        row: &Row<'_>,
        json: &Value,
        kind: &str,
        time: Timestamp,
    ) -> NewMessage {
        let mut message = NewMessage { time, kind: MessageKind::System, ..NewMessage::default() };
        if kind == "call-history" {
            message.text = self.call(row, json);
            message.details.sort = Some(Sort::Call);
        } else if let Some((_, sentence)) = SENTENCES.iter().find(|(name, _)| *name == kind) {
            message.text = (*sentence).to_owned();
            // Who did what to the group stands only there.
            message.details.raw = field(json, "groupV2Change").map(Value::to_string);
        } else {
            message.kind = MessageKind::Unknown;
            message.text = format!("Something that Keepsake does not understand yet ({kind})");
            message.details.raw = Some(raw(row));
        }
        message
    }

    fn call(&self, row: &Row<'_>, json: &Value) -> String {
        let id = text(row, "m_callId").or_else(|| frame::text(json, "callId")).unwrap_or_default();
        let mut words = "Call".to_owned();
        if self.database.has_tables(&["callsHistory"]) {
            let columns = self.database.list("callsHistory", "h", &["type", "direction", "status"]);
            let sql = format!("SELECT {columns} FROM callsHistory h WHERE h.callId = ?1 LIMIT 1");
            let _ = self.database.each(&sql, &[&id], |row| {
                let part = |column: &str| text(row, column).unwrap_or_default();
                let kind = if part("h_type") == "Video" { "video" } else { "voice" };
                let end = match part("h_status").as_str() {
                    "Missed" => ", missed",
                    "Declined" => ", not answered",
                    _ => "",
                };
                let kind = if part("h_type") == "Group" { "group" } else { kind };
                words = format!("{} {kind} call{end}", part("h_direction"));
                Ok(())
            });
        }
        words.trim().to_owned()
    }

    /// Words, with the names of those who are mentioned.
    fn with_names(&self, body: &str, json: &Value) -> String {
        let ranges = json.get("bodyRanges").and_then(Value::as_array).into_iter().flatten();
        let mut mentions: Vec<(u64, String)> = ranges
            .filter_map(|range| {
                let who = frame::text(range, "mentionAci")
                    .or_else(|| frame::text(range, "mentionUuid"))?;
                let name = frame::text(range, "replacementText")
                    .or_else(|| Some(self.people.person(&who)?.name));
                Some((
                    range.get("start").and_then(frame::number).unwrap_or(0),
                    name.unwrap_or_default(),
                ))
            })
            .collect();
        mentions.sort();
        let mut mentions = mentions.into_iter();
        let mut words = String::with_capacity(body.len());
        for c in body.chars() {
            match (c == '\u{fffc}').then(|| mentions.next()).flatten() {
                Some((_, name)) => words.push_str(&format!("@{name}")),
                None => words.push(c),
            }
        }
        words
    }

    /// What a message is about besides its words.
    fn about(&self, json: &Value) -> (Option<String>, Option<Sort>) {
        if let Some(poll) = field(json, "poll") {
            let options = poll.get("options").and_then(Value::as_array).into_iter().flatten();
            let options = options.filter_map(Value::as_str).map(|option| format!("\n• {option}"));
            let words =
                frame::text(poll, "question").unwrap_or_default() + &options.collect::<String>();
            return (Some(words), Some(Sort::Poll));
        }
        let contact = json.get("contact").and_then(|c| c.get(0));
        if let Some(contact) = contact {
            let name = field(contact, "name");
            let names =
                ["givenName", "familyName"].iter().filter_map(|key| frame::text(name?, key));
            let numbers = contact.get("number").and_then(Value::as_array).into_iter().flatten();
            let numbers = numbers.filter_map(|number| frame::text(number, "value"));
            return (Some(names.chain(numbers).collect::<Vec<_>>().join(" ")), Some(Sort::Contact));
        }
        (field(json, "sticker").and_then(|sticker| frame::text(sticker, "emoji")), None)
    }

    fn reply_to(&self, json: &Value) -> Option<String> {
        let quote = field(json, "quote")?;
        let at = quote.get("id").and_then(frame::number)?;
        let author =
            ["authorAci", "authorUuid", "author"].iter().find_map(|key| frame::text(quote, key))?;
        Some(format!("{} {at}", self.people.person(&author)?.key))
    }

    fn reactions(&self, json: &Value) -> Vec<Reaction> {
        let all = json.get("reactions").and_then(Value::as_array).into_iter().flatten();
        let one = |reaction: &Value| {
            let emoji = frame::text(reaction, "emoji")?;
            let actor = frame::text(reaction, "fromId").and_then(|who| self.people.person(&who));
            Some(Reaction { emoji, actor: actor.map(|person| person.name), count: 1 })
        };
        all.filter_map(one).collect()
    }
}

/// Wordings with their times, the present one first.
fn history(json: &Value) -> Vec<Wording> {
    let all = json.get("editHistory").and_then(Value::as_array).into_iter().flatten();
    let one = |edit: &Value| Wording {
        text: frame::text(edit, "body").unwrap_or_default(),
        at: ms_in(edit, "timestamp"),
    };
    all.map(one).collect()
}

fn ms_in(value: &Value, key: &str) -> Option<i64> {
    i64::try_from(value.get(key).and_then(frame::number)?).ok()
}

fn time(ms: i64) -> Option<Timestamp> {
    // Until the year 2200.
    (0..7_258_118_400_000).contains(&ms).then_some(Timestamp {
        ms,
        precision: Precision::Millisecond,
        zone: Zone::Utc,
    })
}
