//! Words that several errors are made of.

/// With a capital at its beginning, but for a name that stands there: of a file or an address.
pub(crate) fn capitalised(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    if first.trim_end_matches([':', '.', ',']).contains(['.', '/', ':', '\\']) {
        return text.to_string();
    }
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A span of time in the words of a person, rounded up to what matters.
pub(super) fn within(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let one_or =
        |n: u64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    match seconds {
        s if s < 2 * MINUTE => one_or(s, "second"),
        s if s < 2 * HOUR => one_or(s.div_ceil(MINUTE), "minute"),
        s if s < 2 * DAY => one_or(s.div_ceil(HOUR), "hour"),
        s => one_or(s.div_ceil(DAY), "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::{capitalised, within};

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_file_is_called_what_it_is_called() {
        assert_eq!(capitalised("the disk is full"), "The disk is full");
        assert_eq!(capitalised("store: it is away"), "Store: it is away");
        assert_eq!(capitalised("shopping.txt is no chat"), "shopping.txt is no chat");
        assert_eq!(capitalised("s3://bucket is away"), "s3://bucket is away");
    }

    #[test]
    fn a_wait_is_told_in_units_that_a_person_can_use() {
        let told: Vec<_> = [1, 90, 600, 7200, 3 * 86_400 + 1, 7 * 86_400].map(within).into();
        assert_eq!(told, ["1 second", "90 seconds", "10 minutes", "2 hours", "4 days", "7 days"]);
    }
}
