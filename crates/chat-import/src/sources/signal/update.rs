//! What Signal itself says in a chat, in words.

use chat_archive::Sort;
use serde_json::Value;

use super::field;
use super::frame::{Recipients, number, text};

/// The words for an update, and what it is about.
pub(super) fn words(update: &Value, recipients: &Recipients) -> (String, Option<Sort>) {
    if let Some(call) = field(update, "individualCall") {
        return (call_words(call), Some(Sort::Call));
    }
    if let Some(call) = field(update, "groupCall") {
        let by = call
            .get("startedCallRecipientId")
            .and_then(number)
            .and_then(|id| recipients.person(id));
        let by = by.map(|person| format!(" by {}", person.name)).unwrap_or_default();
        return (format!("Group call{by}"), Some(Sort::Call));
    }
    let words = if let Some(simple) = field(update, "simpleUpdate") {
        simple
            .get("type")
            .map(|kind| kind.as_str().map_or_else(|| format!("Update {kind}"), sentence))
    } else if let Some(timer) = field(update, "expirationTimerChange") {
        let ms = timer.get("expiresInMs").and_then(number).unwrap_or(0);
        Some(match ms {
            0 => "Disappearing messages are off".into(),
            ms => format!("Messages disappear after {} seconds", ms / 1_000),
        })
    } else if let Some(change) = field(update, "profileChange") {
        let name = |key| text(change, key).unwrap_or_default();
        Some(format!("Name changed from {} to {}", name("previousName"), name("newName")))
    } else if let Some(change) = field(update, "groupChange") {
        let updates = change.get("updates").and_then(Value::as_array).into_iter().flatten();
        Some(updates.map(|update| generic(update, recipients)).collect::<Vec<_>>().join("\n"))
    } else {
        None
    };
    (words.filter(|words| !words.is_empty()).unwrap_or_else(|| generic(update, recipients)), None)
}

fn call_words(call: &Value) -> String {
    let is = |key: &str, words: &str| call.get(key).and_then(Value::as_str) == Some(words);
    let kind = if is("type", "VIDEO_CALL") { "video" } else { "voice" };
    let direction = if is("direction", "OUTGOING") { "Outgoing" } else { "Incoming" };
    let missed = call.get("state").and_then(Value::as_str).is_some_and(|s| s.starts_with("MISSED"));
    let end = match (missed, is("state", "NOT_ACCEPTED")) {
        (true, _) => ", missed",
        (_, true) => ", not answered",
        _ => "",
    };
    format!("{direction} {kind} call{end}")
}

/// The name of what happened, with the names and words in it:
/// `{"groupNameUpdate": {"newGroupName": "Rowing"}}` as `Group name: Rowing`.
fn generic(update: &Value, recipients: &Recipients) -> String {
    let Some((name, inside)) =
        update.as_object().and_then(|fields| fields.iter().find(|(_, v)| !v.is_null()))
    else {
        return "Update".into();
    };
    let name = spaced(name.trim_end_matches("Update"));
    let inside: Vec<String> = inside
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, v)| part(key, v, recipients))
        .collect();
    if inside.is_empty() { name } else { format!("{name}: {}", inside.join(", ")) }
}

fn part(key: &str, value: &Value, recipients: &Recipients) -> Option<String> {
    if key.ends_with("Aci") {
        let name = recipients.by_account(value.as_str()?)?.name;
        return Some(if key.starts_with("updater") { format!("by {name}") } else { name });
    }
    match value {
        Value::String(words) if !words.is_empty() => Some(words.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some(spaced(key).to_lowercase()),
        _ => None,
    }
}

/// `groupMemberLeft` as `Group member left`.
fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(if words.is_empty() {
            c.to_uppercase().collect::<Vec<_>>()
        } else {
            c.to_lowercase().collect()
        });
    }
    words
}

/// `JOINED_SIGNAL` as `Joined signal`.
fn sentence(constant: &str) -> String {
    let lower = constant.to_lowercase().replace('_', " ");
    let mut chars = lower.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
