//! Messages.

use chat_archive::{
    Details, MessageKind, MissingReason, NewAttachment, NewMessage, Participant, Precision, Sort,
    Timestamp, Zone,
};
use rusqlite::Row;

use super::chats::{Chat, People};
use crate::database::{APPLE_EPOCH, Database, number, raw, real, text};
use crate::export_files::base_name;
use crate::people::card_in_words;
use crate::{ImportError, mime};

/// The owner, whose own address the database does not hold.
const OWNER: &str = "me";

/// Reads the messages of a chat, in its order; a row without a time as it is.
pub(super) fn each(
    database: &Database,
    people: &People,
    chat: &Chat,
    on_message: &mut dyn FnMut(Result<NewMessage, String>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let message = database.list(
        "ZWAMESSAGE",
        "m",
        &[
            "Z_PK",
            "ZGROUPMEMBER",
            "ZISFROMME",
            "ZMESSAGETYPE",
            "ZMESSAGEDATE",
            "ZTEXT",
            "ZSTANZAID",
            "ZFROMJID",
            "ZPARENTMESSAGE",
            "ZSORT",
        ],
    );
    let media = database.list(
        "ZWAMEDIAITEM",
        "d",
        &["ZMEDIALOCALPATH", "ZTITLE", "ZVCARDNAME", "ZVCARDSTRING", "ZLATITUDE", "ZLONGITUDE"],
    );
    let order = if database.has_column("ZWAMESSAGE", "ZSORT") {
        "m.ZSORT, m.Z_PK"
    } else {
        "m.ZMESSAGEDATE, m.Z_PK"
    };
    let (parent, join) = match database.has_column("ZWAMESSAGE", "ZPARENTMESSAGE") {
        true => {
            ("p.ZSTANZAID AS parent_id", " LEFT JOIN ZWAMESSAGE p ON p.Z_PK = m.ZPARENTMESSAGE")
        }
        false => ("NULL AS parent_id", ""),
    };
    let sql = format!(
        "SELECT {message}, {media}, {parent} FROM ZWAMESSAGE m
         LEFT JOIN ZWAMEDIAITEM d ON d.Z_PK = m.ZMEDIAITEM{join} WHERE m.ZCHATSESSION = ?1 ORDER BY {order}"
    );
    database
        .each(&sql, &[&chat.row], |row| on_message(read(people, chat, row).ok_or_else(|| raw(row))))
}

fn read(people: &People, chat: &Chat, row: &Row<'_>) -> Option<NewMessage> {
    let kind = number(row, "m_ZMESSAGETYPE").unwrap_or(0);
    let ms = apple_ms(real(row, "m_ZMESSAGEDATE")?);
    let is_system = matches!(kind, 6 | 10);
    let mut message = NewMessage {
        source_id: text(row, "m_ZSTANZAID"),
        sender: if is_system { None } else { Some(sender(people, chat, row)) },
        time: Timestamp { ms, precision: Precision::Second, zone: Zone::Utc },
        kind: if is_system { MessageKind::System } else { MessageKind::Text },
        text: text(row, "m_ZTEXT").unwrap_or_default(),
        reply_to: text(row, "parent_id"),
        unsent: kind == 14,
        attachments: attachment(kind, row).into_iter().collect(),
        ..NewMessage::default()
    };
    add_words(kind, row, &mut message);
    Some(message)
}

fn sender(people: &People, chat: &Chat, row: &Row<'_>) -> Participant {
    if number(row, "m_ZISFROMME") == Some(1) {
        return Participant::new(OWNER, "Me").with_own(Some(true));
    }
    let member = number(row, "m_ZGROUPMEMBER").and_then(|id| people.members.get(&id));
    let (jid, name) = match member {
        Some((jid, name)) => (jid.clone(), people.name(jid, name.clone())),
        None if chat.jid.ends_with("@g.us") => {
            let jid = text(row, "m_ZFROMJID").unwrap_or_else(|| chat.jid.clone());
            let name = people.name(&jid, None);
            (jid, name)
        }
        None => (chat.jid.clone(), chat.new.title.clone()),
    };
    Participant::new(jid, name).with_own(Some(false))
}

fn add_words(kind: i64, row: &Row<'_>, message: &mut NewMessage) {
    let mut parts = vec![std::mem::take(&mut message.text)];
    let mut sort = None;
    match kind {
        4 => {
            sort = Some(Sort::Contact);
            let card = text(row, "d_ZVCARDSTRING").map(|card| card_in_words(&card));
            parts.extend(text(row, "d_ZVCARDNAME").or(card));
        }
        5 => {
            sort = Some(Sort::Location);
            if let (Some(latitude), Some(longitude)) =
                (real(row, "d_ZLATITUDE"), real(row, "d_ZLONGITUDE"))
            {
                parts.push(format!("geo:{latitude},{longitude}"));
            }
        }
        10 | 59 => sort = Some(Sort::Call),
        46 => sort = Some(Sort::Poll),
        // A caption stands beside the file.
        1 | 2 | 8 | 11 => parts.extend(text(row, "d_ZTITLE").filter(|title| {
            Some(title) != message.attachments.first().and_then(|a| a.name.as_ref())
        })),
        0 | 3 | 6 | 7 | 14 | 15 | 38 | 39 => {}
        _ => {
            message.details.raw = Some(raw(row));
            if parts[0].is_empty() && message.attachments.is_empty() {
                message.kind = MessageKind::Unknown;
                parts
                    .push(format!("Something that Keepsake does not understand yet (kind {kind})"));
            }
        }
    }
    if message.kind == MessageKind::System && parts[0].is_empty() {
        parts.push("Something changed in the chat".into());
    }
    parts.retain(|part| !part.is_empty());
    parts.dedup();
    message.text = parts.join("\n");
    message.details = Details { sort, ..std::mem::take(&mut message.details) };
}

fn attachment(kind: i64, row: &Row<'_>) -> Option<NewAttachment> {
    let path = text(row, "d_ZMEDIALOCALPATH");
    if path.is_none() && !matches!(kind, 1 | 2 | 3 | 8 | 11 | 15 | 38 | 39) {
        return None;
    }
    let title = text(row, "d_ZTITLE").filter(|_| kind == 8);
    let name = title.or_else(|| path.as_deref().map(|p| base_name(p).to_owned()));
    let mime = path.as_deref().or(name.as_deref()).and_then(mime::of_name);
    Some(NewAttachment { name, mime, file: path.ok_or(MissingReason::NotExported) })
}

/// Unix milliseconds from Apple's seconds since 2001.
pub(super) fn apple_ms(seconds: f64) -> i64 {
    ((seconds + APPLE_EPOCH as f64) * 1_000.0) as i64
}
