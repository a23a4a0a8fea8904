//! What hits must fulfil beside the words.

use rusqlite::types::Value;

use super::query::{FileSort, SearchQuery};

/// For `FROM messages m LEFT JOIN participants p`.
pub(super) fn filters(query: &SearchQuery) -> (String, Vec<Value>) {
    let mut sql = String::from("m.conversation_id IS NOT NULL");
    let mut values: Vec<Value> = Vec::new();
    let mut and = |clause: &str, new: &[Value]| {
        sql.push_str(" AND ");
        sql.push_str(clause);
        values.extend_from_slice(new);
    };
    if let Some(conversation) = query.conversation {
        and("m.conversation_id = ?", &[conversation.0.into()]);
    }
    if let Some(sender) = query.sender.as_ref().filter(|s| !s.is_empty()) {
        let wanted = Value::from(sender.clone());
        let fits = "(p.key = ? OR instr(lower(p.name), lower(?)) OR instr(lower(coalesce(p.shown, '')), lower(?)))";
        and(fits, &[wanted.clone(), wanted.clone(), wanted]);
    }
    if let Some(ms) = query.from_ms {
        and("m.ts >= ?", &[ms.into()]);
    }
    if let Some(ms) = query.to_ms {
        and("m.ts < ?", &[ms.into()]);
    }
    if query.has_media || query.file.is_some() {
        and("m.attachments > 0", &[]);
    }
    if let Some(sort) = query.file {
        let file = "EXISTS (SELECT 1 FROM attachments a WHERE a.message_id = m.id AND ";
        and(&format!("{file}{})", of_sort(sort)), &[]);
    }
    (sql, values)
}

/// For `attachments a`.
pub(super) fn of_sort(sort: FileSort) -> &'static str {
    match sort {
        FileSort::Picture => "a.mime LIKE 'image/%'",
        FileSort::Video => "a.mime LIKE 'video/%'",
        FileSort::Sound => "a.mime LIKE 'audio/%'",
        FileSort::Other => {
            "coalesce(a.mime, '') NOT LIKE 'image/%' AND coalesce(a.mime, '') NOT LIKE 'video/%'
             AND coalesce(a.mime, '') NOT LIKE 'audio/%'"
        }
    }
}
