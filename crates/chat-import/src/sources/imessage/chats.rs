//! The chats of the database.

use chat_archive::{ConversationKind, NewConversation, Source};

use crate::ImportError;
use crate::database::{Database, number, text};

/// A chat and its number in the database.
pub(super) struct Chat {
    pub row: i64,
    pub new: NewConversation,
}

/// All chats.
pub(super) fn chats(database: &Database) -> Result<Vec<Chat>, ImportError> {
    if !database.has_tables(&["chat"]) {
        return chats_by_messages(database);
    }
    let columns =
        database.list("chat", "c", &["ROWID", "guid", "style", "chat_identifier", "display_name"]);
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
    let sql =
        "SELECT j.chat_id AS id, group_concat(DISTINCT h.id) AS who, count(DISTINCT h.id) AS people
         FROM chat_message_join j JOIN message m ON m.ROWID = j.message_id
         LEFT JOIN handle h ON h.ROWID = m.handle_id GROUP BY j.chat_id ORDER BY j.chat_id";
    let mut all = Vec::new();
    database.each(sql, &[], |row| {
        let row_id = number(row, "id").unwrap_or(0);
        let title =
            text(row, "who").map_or_else(|| format!("Chat {row_id}"), |who| who.replace(',', ", "));
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
