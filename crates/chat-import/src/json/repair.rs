//! JSON as messengers write it, faults and all.

use serde_json::Value;

/// Reads a value that was cut out, as JSON if it is that, else after its faults are mended:
/// escapes that JSON has not (`\x0B`), bare words where a string belongs, bytes that are not
/// UTF-8. `None` if that does not help.
pub(crate) fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes)
        .ok()
        .or_else(|| serde_json::from_str(&mended(&String::from_utf8_lossy(bytes))).ok())
}

fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '"' => string(rest, &mut out),
            '{' | '}' | '[' | ']' | ',' | ':' => {
                out.push(c);
                &rest[1..]
            }
            _ if c.is_whitespace() => &rest[c.len_utf8()..],
            _ => bare(rest, &mut out),
        };
    }
    out
}

/// A string, up to its closing quote.
fn string<'a>(text: &'a str, out: &mut String) -> &'a str {
    out.push('"');
    let mut chars = text[1..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                out.push('"');
                return &text[at + 2..];
            }
            '\\' => {
                let Some((_, next)) = chars.next() else { break };
                escape(next, &mut chars, out);
            }
            _ if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            _ => out.push(c),
        }
    }
    out.push('"');
    ""
}

fn escape(next: char, chars: &mut std::str::CharIndices<'_>, out: &mut String) {
    match next {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {
            out.push('\\');
            out.push(next);
        }
        'u' => match hex(chars, 4) {
            Some(digits) => out.push_str(&format!("\\u{digits}")),
            None => out.push_str("\\ufffd"),
        },
        'x' => match hex(chars, 2) {
            Some(digits) => out.push_str(&format!("\\u00{digits}")),
            None => out.push_str("\\ufffd"),
        },
        _ => out.push(next),
    }
}

/// The next digits, taken only if all of them are there.
fn hex(chars: &mut std::str::CharIndices<'_>, count: usize) -> Option<String> {
    let digits: String = chars.clone().map(|(_, c)| c).take(count).collect();
    if digits.len() != count || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    chars.nth(count - 1);
    Some(digits)
}

/// A number or word; in quotes if JSON has no such word.
fn bare<'a>(text: &'a str, out: &mut String) -> &'a str {
    let end = text.find([',', '}', ']', '\n']).unwrap_or(text.len());
    let word = text[..end].trim();
    match serde_json::from_str::<Value>(word) {
        Ok(_) => out.push_str(word),
        Err(_) => out.push_str(&Value::String(word.replace('"', "")).to_string()),
    }
    &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_messengers_write_wrongly_is_read() {
        assert_eq!(parse(br#"{"a":"one\x0Btwo"}"#), Some(json!({"a": "one\u{b}two"})));
        let bare = br#"{"d": video_files/sticker (2).webm, "n": 3, "t": true}"#;
        assert_eq!(
            parse(bare),
            Some(json!({"d": "video_files/sticker (2).webm", "n": 3, "t": true}))
        );
        assert_eq!(parse(b"{\"a\":\"x\xffy\"}"), Some(json!({"a": "x\u{fffd}y"})));
        assert_eq!(parse(b"{\"a\":\"x\ny\\'\"}"), Some(json!({"a": "x\ny'"})));
        assert_eq!(parse(br#"{"a":"#), None);
    }
}
