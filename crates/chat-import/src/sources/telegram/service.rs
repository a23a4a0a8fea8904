//! What Telegram itself says, as a sentence.

use serde_json::Value;

use super::fields::{self, text};

/// Sentence for an action: `{}` is the detail.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("create_group", "title", "created the group “{}”"),
    ("create_channel", "title", "created the channel “{}”"),
    ("edit_group_title", "title", "changed the group's name to “{}”"),
    ("edit_group_photo", "", "changed the group's photo"),
    ("delete_group_photo", "", "removed the group's photo"),
    ("invite_members", "members", "added {}"),
    ("remove_members", "members", "removed {}"),
    ("join_group_by_link", "", "joined by a link"),
    ("join_group_by_request", "", "joined by a request"),
    ("pin_message", "", "pinned a message"),
    ("clear_history", "", "cleared the history"),
    ("phone_call", "duration_seconds", "called ({} seconds)"),
    ("group_call", "", "started a group call"),
    ("invite_to_group_call", "members", "invited {} to a group call"),
    ("migrate_to_supergroup", "", "made this group a supergroup"),
    ("migrate_from_group", "title", "made this a supergroup of “{}”"),
    ("joined_telegram", "", "joined Telegram"),
    ("edit_chat_theme", "emoticon", "changed the theme to {}"),
    ("set_messages_ttl", "", "changed after how long messages vanish"),
    ("score_in_game", "score", "scored {} in a game"),
    ("take_screenshot", "", "took a screenshot"),
    ("topic_created", "title", "created the topic “{}”"),
    ("topic_edit", "new_title", "changed the topic to “{}”"),
];

/// `Ada created the group “Chess”`; unknown actions keep their name. Words are never lost.
pub fn sentence(message: &Value) -> String {
    let actor = text(message, "actor").or_else(|| text(message, "from")).unwrap_or("Someone");
    let action = text(message, "action").unwrap_or("did something");
    let known = SENTENCES.iter().find(|(a, _, _)| *a == action);
    let said = match known {
        Some((_, key, sentence)) => match detail(message, key) {
            Some(detail) => sentence.replace("{}", &detail),
            None => sentence.split([' ', '(']).take_while(|w| !w.contains("{}")).collect::<Vec<_>>().join(" "),
        },
        None => action.replace('_', " "),
    };
    let words = message.get("text").map(fields::rich_text).unwrap_or_default();
    if words.is_empty() { format!("{actor} {said}") } else { format!("{actor} {said}\n{words}") }
}

fn detail(message: &Value, key: &str) -> Option<String> {
    match message.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(names) => {
            let names = names.iter().map(|n| n.as_str().unwrap_or("a deleted account"));
            Some(names.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}
