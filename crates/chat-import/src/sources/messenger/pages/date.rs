//! Dates of Meta's pages: in the language of the account, by the clock of wherever it was made.

use chat_archive::{Precision, Timestamp, Zone};

/// Beginnings of the names of months, in the languages with Latin letters that most accounts have:
/// English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish, Norwegian,
/// Finnish, Polish, Czech, Turkish, Indonesian, Romanian, Hungarian. The longest that fits counts.
const MONTHS: &[(&str, u8)] = &[
    ("januar", 1),
    ("jänner", 1),
    ("janv", 1),
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("sty", 1),
    ("tammi", 1),
    ("led", 1),
    ("oca", 1),
    ("ian", 1),
    ("feb", 2),
    ("fév", 2),
    ("fev", 2),
    ("lut", 2),
    ("helmi", 2),
    ("úno", 2),
    ("şub", 2),
    ("febr", 2),
    ("mär", 3),
    ("mar", 3),
    ("maa", 3),
    ("mrt", 3),
    ("bře", 3),
    ("már", 3),
    ("abr", 4),
    ("apr", 4),
    ("avr", 4),
    ("kwi", 4),
    ("huhti", 4),
    ("dub", 4),
    ("nis", 4),
    ("ápr", 4),
    ("mai", 5),
    ("may", 5),
    ("mag", 5),
    ("maj", 5),
    ("mei", 5),
    ("touko", 5),
    ("květ", 5),
    ("máj", 5),
    ("juin", 6),
    ("jun", 6),
    ("giu", 6),
    ("cze", 6),
    ("kesä", 6),
    ("červn", 6),
    ("haz", 6),
    ("iun", 6),
    ("jún", 6),
    ("juil", 7),
    ("jul", 7),
    ("lug", 7),
    ("lip", 7),
    ("heinä", 7),
    ("červen", 7),
    ("tem", 7),
    ("iul", 7),
    ("júl", 7),
    ("aug", 8),
    ("août", 8),
    ("aoû", 8),
    ("ago", 8),
    ("sie", 8),
    ("elo", 8),
    ("srp", 8),
    ("ağu", 8),
    ("agu", 8),
    ("sep", 9),
    ("set", 9),
    ("wrz", 9),
    ("syys", 9),
    ("zář", 9),
    ("eyl", 9),
    ("szept", 9),
    ("okt", 10),
    ("oct", 10),
    ("ott", 10),
    ("out", 10),
    ("paź", 10),
    ("loka", 10),
    ("říj", 10),
    ("eki", 10),
    ("nov", 11),
    ("lis", 11),
    ("marras", 11),
    ("kas", 11),
    ("noi", 11),
    ("dez", 12),
    ("dec", 12),
    ("déc", 12),
    ("dic", 12),
    ("gru", 12),
    ("joulu", 12),
    ("pro", 12),
    ("ara", 12),
    ("des", 12),
];

/// `Mar 18, 2021, 3:20 PM`, `18. März 2021 15:20:24`, `18 mars 2021, 15:20`.
pub(super) fn read(words: &str) -> Option<Timestamp> {
    let lower = words.to_lowercase();
    let (month, mut numbers) = month_and_numbers(&lower)?;
    let year_at = numbers.iter().position(|n| n.len() == 4)?;
    let year: i32 = numbers.remove(year_at).parse().ok()?;
    let day_first = numbers.iter().position(|n| !n.contains(':'))?;
    let day: u8 = numbers.remove(day_first).parse().ok()?;
    let clock = numbers.iter().find(|n| n.contains(':'))?;
    let (hour, minute, second) = clock_of(clock)?;
    let hour = match half_of_day(&lower) {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let date =
        time::Date::from_calendar_date(year, time::Month::try_from(month).ok()?, day).ok()?;
    let time = time::Time::from_hms(hour, minute, second.unwrap_or(0)).ok()?;
    let seconds = time::PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp();
    let precision = if second.is_some() { Precision::Second } else { Precision::Minute };
    // Messenger began in 2008; nothing is from after 2200.
    (1_104_537_600..7_258_118_400).contains(&seconds).then_some(Timestamp {
        ms: seconds * 1_000,
        precision,
        zone: Zone::Local,
    })
}

/// The month, and the numbers in their order: `18`, `2021`, `3:20`.
fn month_and_numbers(lower: &str) -> Option<(u8, Vec<String>)> {
    let mut numbers = Vec::new();
    let mut month = None;
    for token in lower.split(|c: char| !c.is_alphanumeric() && c != ':') {
        // `3:20pm`
        let digits = token.trim_end_matches(char::is_alphabetic);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            numbers.push(digits.trim_end_matches(':').to_owned());
        } else if month.is_none() {
            let fitting = MONTHS.iter().filter(|(start, _)| token.starts_with(start));
            month = fitting.max_by_key(|(start, _)| start.len()).map(|(_, month)| *month);
        }
    }
    Some((month?, numbers))
}

fn clock_of(clock: &str) -> Option<(u8, u8, Option<u8>)> {
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second = parts.next().map(str::parse).transpose().ok()?;
    Some((hour, minute, second))
}

/// Whether it is the second half of the day, if the clock has twelve hours.
fn half_of_day(lower: &str) -> Option<bool> {
    let letters: String = lower
        .chars()
        .rev()
        .take_while(|c| !c.is_ascii_digit())
        .filter(|c| c.is_alphabetic())
        .collect();
    match letters.as_str() {
        "mp" => Some(true),
        "ma" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_languages() {
        let afternoon = 1_616_080_800_000;
        for words in [
            "Mar 18, 2021, 3:20 PM",
            "Mar 18, 2021 3:20\u{202f}pm",
            "18 March 2021 at 15:20",
            "18. März 2021, 15:20",
            "18 mars 2021, 15:20",
            "18 mar 2021, 15:20",
            "18 de março de 2021 15:20",
            "18 mrt. 2021 15:20",
            "18. maaliskuuta 2021 15:20",
            "2021. márc. 18. 15:20",
        ] {
            assert_eq!(
                read(words).map(|t| (t.ms, t.precision)),
                Some((afternoon, Precision::Minute)),
                "{words}"
            );
        }
        let november = read("18. marraskuuta 2021 15:20").unwrap();
        assert_eq!(november.ms - afternoon, 245 * 86_400_000, "longer than the beginning of March");
        let seconds = read("Mar 18, 2021 12:05:09 am").unwrap();
        assert_eq!((seconds.ms, seconds.precision), (1_616_025_909_000, Precision::Second));
    }

    #[test]
    fn what_is_no_date_of_a_message_is_none() {
        for words in [
            "",
            "Mar 18, 2021",
            "3:20 PM",
            "Mar 32, 2021, 3:20 PM",
            "Mar 18, 1021, 3:20",
            "18.3.2021 15:20",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }
}
