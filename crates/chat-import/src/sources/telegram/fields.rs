//! Fields whose type changed between versions of Telegram Desktop, read whichever it is.

use serde_json::Value;

/// Text of a string field that is not empty.
pub(super) fn text<'a>(message: &'a Value, key: &str) -> Option<&'a str> {
    message.get(key)?.as_str().filter(|t| !t.is_empty())
}

/// A whole number, written as number or as string.
pub(super) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A whole number in a field.
pub(super) fn number_in(message: &Value, key: &str) -> Option<i64> {
    message.get(key).and_then(number)
}

/// Rich text: a string, or a list of strings and `{"type", "text", "href"}`. The address of a link
/// that its words do not show follows them.
pub(super) fn rich_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(rich_text).collect(),
        Value::Object(part) => {
            let words = part.get("text").map(rich_text).unwrap_or_default();
            let address =
                part.get("href").and_then(Value::as_str).filter(|href| !words.contains(href));
            address.map_or_else(|| words.clone(), |href| format!("{words} ({href})"))
        }
        _ => String::new(),
    }
}

/// Words of a field that may be rich text.
pub(super) fn words(message: &Value, key: &str) -> Option<String> {
    message.get(key).map(rich_text).filter(|words| !words.is_empty())
}

/// `user123` from `"user123"` (new) or `123` (old).
pub(super) fn peer(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(format!("user{id}")),
        _ => None,
    }
}
