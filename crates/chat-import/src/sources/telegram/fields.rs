//! Fields whose type changed between versions of Telegram Desktop, read whichever it is.

use serde_json::Value;

/// Text of a string field that is not empty.
pub fn text<'a>(message: &'a Value, key: &str) -> Option<&'a str> {
    message.get(key)?.as_str().filter(|t| !t.is_empty())
}

/// A whole number, written as number or as string.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Rich text: a string, or a list of strings and `{"type", "text"}`.
pub fn rich_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(rich_text).collect(),
        Value::Object(part) => part.get("text").map(rich_text).unwrap_or_default(),
        _ => String::new(),
    }
}

/// `user123` from `"user123"` (new) or `123` (old).
pub fn peer(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(format!("user{id}")),
        _ => None,
    }
}
