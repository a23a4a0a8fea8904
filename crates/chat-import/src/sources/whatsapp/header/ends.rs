//! How headers end.

use super::super::marks::is_mark;
use super::Style;

/// A marker between time and end is never longer than this many characters; longer ones are text.
const MAX_MARKER: usize = 32;

/// Text before `]`, how much is used with what follows it, and the style.
pub(super) fn bracket_end(rest: &str) -> Option<(&str, usize, Style)> {
    let end = rest.char_indices().take(MAX_MARKER).find(|(_, c)| *c == ']')?.0;
    let used = end + 1;
    let blank = rest[used..].chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8);
    // WhatsApp Web's own lines have a dash before them.
    let dash = if rest[used + blank..].starts_with("- ") { 2 } else { 0 };
    Some((&rest[..end], used + blank + dash, Style::Bracketed))
}

/// The same for a header without brackets.
pub(super) fn open_end(rest: &str, may_be_blank: bool) -> Option<(&str, usize, Style)> {
    let mut before_blank = false;
    for (at, c) in rest.char_indices().take(MAX_MARKER) {
        let after = at + c.len_utf8();
        let blank = rest[after..].chars().next().map(|b| (b, b.is_whitespace()));
        if before_blank && matches!(c, '-' | '–' | '—') {
            return match blank {
                None => Some((&rest[..at], after, Style::Dashed)),
                Some((b, true)) => Some((&rest[..at], after + b.len_utf8(), Style::Dashed)),
                Some(_) => None,
            };
        }
        if c == ':' {
            let (b, _) = blank.filter(|(_, is_blank)| *is_blank)?;
            let begins_message = rest[after..].contains(": ");
            return begins_message.then_some((&rest[..at], after + b.len_utf8(), Style::Colon));
        }
        if may_be_blank && at == 0 && c == ' ' && rest[after..].contains(": ") {
            return Some(("", after, Style::Blank));
        }
        before_blank = c.is_whitespace() || (before_blank && is_mark(c));
    }
    None
}
