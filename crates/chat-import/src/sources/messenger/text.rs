//! Meta writes UTF-8 as if each byte were a character of Latin-1: `Ã©` for `é`. Some downloads do
//! it, some do not, and some strings of one are right: each is looked at by itself.

use serde_json::Value;

/// A string as it was meant.
pub(super) fn mended(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}

/// Text of a field, as it was meant; `None` if it is empty.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(mended).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_string_is_looked_at_by_itself() {
        assert_eq!(mended("caf\u{c3}\u{a9}"), "café");
        assert_eq!(mended("\u{f0}\u{9f}\u{8e}\u{88}"), "🎈");
        assert_eq!(mended("café"), "café", "Latin-1, and no UTF-8 in it");
        assert_eq!(
            mended("🎈 caf\u{c3}\u{a9}"),
            "🎈 caf\u{c3}\u{a9}",
            "more than Latin-1 was meant so"
        );
    }
}
