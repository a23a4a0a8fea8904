//! Calendars that phones write years in, and days as numbers.

use time::{Date, Month};

/// Which calendar the numbers of a date belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Calendar {
    /// 2024; two digits count from 2000.
    Gregorian,
    /// 2567 BE is 2024; two digits count from 2500.
    Buddhist,
    /// 1403 begins in March 2024; two digits count from 1300 or 1400.
    Persian,
    /// The first year of a Japanese era.
    Japanese(i32),
}

const JULIAN_DAY_OF_1970: i64 = 2_440_588;

/// Days from 1970-01-01 to a date; `None` if there is no such date.
pub(super) fn days_since_1970(year: i32, month: u32, day: u32) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    Some(i64::from(date.to_julian_day()) - JULIAN_DAY_OF_1970)
}

impl Calendar {
    /// The day of a date in this calendar. A year of four digits tells by itself.
    pub(crate) fn day(self, (year, digits): (u32, u8), month: u32, day: u32) -> Option<i64> {
        let year = i32::try_from(year).ok()?;
        match (self, digits) {
            (Self::Japanese(first), 1 | 2) => days_since_1970(first + year - 1, month, day),
            (_, 4) if (2_500..2_700).contains(&year) => days_since_1970(year - 543, month, day),
            (_, 4) if (1_380..1_430).contains(&year) => persian(year, month, day),
            (_, 4) if (1_990..2_200).contains(&year) => days_since_1970(year, month, day),
            (Self::Gregorian, 2) => days_since_1970(2_000 + year, month, day),
            (Self::Buddhist, 2) => days_since_1970(2_500 + year - 543, month, day),
            (Self::Persian, 2) => {
                persian(if year > 50 { 1_300 + year } else { 1_400 + year }, month, day)
            }
            _ => None,
        }
    }
}

/// The Persian calendar by its cycle of 33 years, which holds from 1178 to 1633.
fn persian(year: i32, month: u32, day: u32) -> Option<i64> {
    let days_in_month = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 => 29 + u32::from((8 * year + 29) % 33 < 8),
        _ => return None,
    };
    if !(1..=days_in_month).contains(&day) {
        return None;
    }
    let before = i64::from(month - 1) * 31 - i64::from(month.saturating_sub(7));
    let year = i64::from(year);
    // 1 Farvardin 1403 was 20 March 2024, day 19,802.
    let new_year = |y: i64| 365 * y + (8 * y + 21) / 33;
    Some(19_802 + new_year(year) - new_year(1_403) + before + i64::from(day) - 1)
}

/// Months by the first letters of their names, in the languages whose phones spelled them.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "янв", "ιαν", "sty", "led", "oca", "tam", "січ", "janv", "ינו", "ينا"],
    &["feb", "fév", "fev", "фев", "φεβ", "lut", "úno", "şub", "hel", "лют", "févr", "פבר", "فبر"],
    &["mar", "mär", "mrz", "мар", "μαρ", "bře", "maa", "mrt", "бер", "mars", "מרץ", "مار"],
    &["apr", "abr", "avr", "апр", "απρ", "kwi", "dub", "nis", "huh", "кві", "אפר", "أبر"],
    &["may", "mai", "mag", "maj", "мая", "май", "μαΐ", "kvě", "tou", "mei", "тра", "מאי", "ماي"],
    &["jun", "giu", "июн", "ιουν", "cze", "čvn", "haz", "kes", "чер", "juin", "יונ", "يون"],
    &["jul", "lug", "июл", "ιουλ", "lip", "čvc", "tem", "hei", "лип", "juil", "יול", "يول"],
    &["aug", "ago", "aoû", "авг", "αυγ", "sie", "srp", "ağu", "elo", "сер", "août", "אוג", "أغس"],
    &["sep", "set", "сен", "σεπ", "wrz", "zář", "eyl", "syy", "вер", "sept", "ספט", "سبت"],
    &["oct", "okt", "ott", "out", "окт", "οκτ", "paź", "říj", "eki", "lok", "жов", "אוק", "أكت"],
    &["nov", "ноя", "νοε", "lis", "kas", "лис", "נוב", "نوف"],
    &["dec", "dic", "dez", "déc", "дек", "δεκ", "gru", "pro", "ara", "jou", "гру", "דצמ", "ديس"],
];

/// The month that a word such as `Aug`, `ago.` or `août` names, from 1.
pub(super) fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    let word = word.trim_end_matches('.');
    let named = |names: &[&str]| names.iter().any(|name| word.starts_with(name));
    if word.chars().count() < 3 {
        None
    } else {
        MONTHS.iter().position(|names| named(names)).map(|at| at as u32 + 1)
    }
}

/// The first year of the era that `R`, `令和` and the like name.
pub(super) fn japanese_era(word: &str) -> Option<i32> {
    match word {
        "R" | "令和" => Some(2_019),
        "H" | "平成" => Some(1_989),
        _ => None,
    }
}

/// Whether a word after a year names a calendar that the year itself tells.
pub(super) fn is_era(word: &str) -> bool {
    matches!(word, "BE" | "AD" | "CE" | "AP" | "พ.ศ." | "ค.ศ." | "ه‍.ش.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_day_in_every_calendar() {
        let day = days_since_1970(2024, 3, 29);
        assert_eq!(Calendar::Gregorian.day((24, 2), 3, 29), day);
        assert_eq!(Calendar::Gregorian.day((2567, 4), 3, 29), day);
        assert_eq!(Calendar::Buddhist.day((67, 2), 3, 29), day);
        assert_eq!(Calendar::Japanese(2019).day((6, 1), 3, 29), day);
        assert_eq!(Calendar::Gregorian.day((1403, 4), 1, 10), day);
        assert_eq!(Calendar::Persian.day((3, 2), 1, 10), day);
        assert_eq!(Calendar::Gregorian.day((24, 2), 2, 30), None);
    }

    #[test]
    fn persian_new_years() {
        for (persian_year, gregorian) in [
            (1395, (2016, 3, 20)),
            (1399, (2020, 3, 20)),
            (1400, (2021, 3, 21)),
            (1404, (2025, 3, 21)),
        ] {
            let (year, month, day) = gregorian;
            assert_eq!(
                persian(persian_year, 1, 1),
                days_since_1970(year, month, day),
                "{persian_year}"
            );
        }
        // 1403 is a leap year: the day before the next new year is the 30th.
        assert_eq!(persian(1403, 12, 30), days_since_1970(2025, 3, 20));
        assert_eq!(persian(1404, 12, 30), None);
    }

    #[test]
    fn names_of_months() {
        for (word, number) in [
            ("Aug", 8),
            ("ago.", 8),
            ("août", 8),
            ("сент.", 9),
            ("März", 3),
            ("may", 5),
            ("Ara", 12),
        ] {
            assert_eq!(month(word), Some(number), "{word}");
        }
        assert_eq!(month("de"), None);
    }
}
