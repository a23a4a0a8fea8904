//! Names and other short words of an export, as they may be shown beside the window's own. Pure.

/// Turns everything after it around (UAX #9, 2.2): `invoice` + RLO + `gpj.exe` looks like
/// `invoiceexe.jpg`.
pub(super) fn is_override(c: char) -> bool {
    matches!(c, '\u{202d}' | '\u{202e}')
}

/// Steers direction without being seen.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}')
}

/// A name in one line that cannot turn itself or what stands beside it around: an override is shown
/// as `�`, other marks of direction and line breaks are left out.
pub(super) fn shown(name: &str) -> String {
    let plain = |c: char| match c {
        _ if is_override(c) => Some('\u{fffd}'),
        _ if is_direction(c) => None,
        _ if c.is_control() => Some(' '),
        _ => Some(c),
    };
    name.chars().filter_map(plain).collect()
}

/// A longer text, with `�` where an override of direction stood.
pub(super) fn without_overrides(text: &str) -> String {
    text.replace(is_override, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_around() {
        assert_eq!(shown("invoice\u{202e}gpj.exe"), "invoice\u{fffd}gpj.exe");
        assert_eq!(shown("\u{202a}+49 30 123\u{202c}"), "+49 30 123");
        assert_eq!(shown("two\nlines"), "two lines");
        assert_eq!(shown("עדה Ada 👩‍🚀"), "עדה Ada 👩‍🚀");
    }
}
