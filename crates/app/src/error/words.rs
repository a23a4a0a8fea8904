//! Words that several errors are made of.

/// A text as the beginning of a sentence.
pub(crate) fn capitalised(text: &str) -> String {
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
    use super::within;

    #[test]
    fn a_wait_is_told_in_units_that_a_person_can_use() {
        let told: Vec<_> = [1, 90, 600, 7200, 3 * 86_400 + 1, 7 * 86_400].map(within).into();
        assert_eq!(told, ["1 second", "90 seconds", "10 minutes", "2 hours", "4 days", "7 days"]);
    }
}
