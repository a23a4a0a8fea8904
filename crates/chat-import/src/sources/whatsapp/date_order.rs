//! Works out whether 3/4/24 is the third of April or the fourth of March.
//!
//! In order: what cannot be a date; time must not run backwards; no message is older than WhatsApp
//! or from the future; dates in the names of attached files. If two orders still give different days, the person is asked: nothing else (a 12-hour
//! clock, the language) proves anything.

use time::{Date, Month};

use super::header::Header;
use crate::ImportError;

/// The order of the numbers in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31/12/2024
    Dmy,
    /// 12/31/2024
    Mdy,
    /// 2024/12/31
    Ymd,
}

const ORDERS: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

/// A phone's clock may step back this much (a flight west, the end of summer time) without
/// anything being wrong: 26 hours, the width of all time zones.
const STEP_BACK_MINUTES: i64 = 26 * 60;

/// 2009-01-01, the year of WhatsApp's beginning, in days since 1970.
const FIRST_DAY: i64 = 14_245;

impl DateOrder {
    /// `dmy`, `mdy` or `ymd`.
    pub fn parse(text: &str) -> Option<Self> {
        ORDERS.into_iter().find(|o| o.as_str() == text.to_ascii_lowercase())
    }

    /// `dmy`, `mdy` or `ymd`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dmy => "dmy",
            Self::Mdy => "mdy",
            Self::Ymd => "ymd",
        }
    }

    /// The day that a header names, as days since 1970-01-01; `None` if there is no such day.
    pub fn day(self, header: &Header) -> Option<i64> {
        let [a, b, c] = [0, 1, 2].map(|i| (header.numbers[i], header.digits[i]));
        let (year, month, day) = match self {
            Self::Dmy => (c, b, a),
            Self::Mdy => (c, a, b),
            Self::Ymd => (a, b, c),
        };
        let year = full_year(year)?;
        if month.1 > 2 || day.1 > 2 {
            return None;
        }
        days_since_1970(year, month.0, day.0)
    }
}

/// Days from 1970-01-01 to a date; `None` if there is no such date.
pub fn days_since_1970(year: i32, month: u32, day: u32) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    Some(i64::from(date.to_julian_day()) - JULIAN_DAY_OF_1970)
}

const JULIAN_DAY_OF_1970: i64 = 2_440_588;

fn full_year((year, digits): (u32, u8)) -> Option<i32> {
    let year = i32::try_from(year).ok()?;
    match digits {
        2 => Some(2000 + year),
        // Thai phones count from 543 BC.
        4 if (2500..2700).contains(&year) => Some(year - 543),
        4 if (1990..2200).contains(&year) => Some(year),
        _ => None,
    }
}

/// What the lines of a chat say about the order.
#[derive(Default)]
pub struct Evidence {
    candidates: [Candidate; 3],
    /// Whether two orders ever gave different days.
    differ: [[bool; 3]; 3],
    sample: [[Option<String>; 3]; 3],
}

#[derive(Default)]
struct Candidate {
    /// The first line that is no date in this order.
    refused: Option<(u64, String)>,
    steps_back: u64,
    earliest: Option<i64>,
    latest: Option<i64>,
    last: Option<i64>,
    names_agree: u64,
}

impl Evidence {
    /// Takes in the header in line `line`; `written` is the date as it stands there.
    pub fn add(&mut self, header: &Header, line: u64, written: &str, named_day: Option<i64>) {
        let days = ORDERS.map(|order| order.day(header));
        for (candidate, day) in self.candidates.iter_mut().zip(days) {
            candidate.add(day, header, line, written);
            candidate.names_agree += u64::from(named_day.is_some() && named_day == day);
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            if days[a] != days[b] && !self.differ[a][b] {
                self.differ[a][b] = true;
                self.sample[a][b] = Some(written.to_owned());
            }
        }
    }

    /// The order, chosen by the person or worked out. `today` is in days since 1970.
    pub fn decide(&self, file: &str, chosen: Option<DateOrder>, today: i64) -> Result<DateOrder, ImportError> {
        if let Some(order) = chosen {
            return self.check(file, order);
        }
        let mut left: Vec<usize> = (0..3).filter(|i| self.candidates[*i].refused.is_none()).collect();
        if left.is_empty() {
            return Err(self.no_order(file));
        }
        self.prefer(&mut left, |c| c.steps_back == 0);
        self.prefer(&mut left, |c| c.is_in_the_age_of_whatsapp(today));
        self.prefer(&mut left, |c| c.names_agree > 0);
        match self.differing(&left) {
            None => Ok(ORDERS[left[0]]),
            Some(sample) => Err(ImportError::AmbiguousDates { file: file.to_owned(), sample }),
        }
    }

    /// Keeps the orders that pass a test, unless none does.
    fn prefer(&self, left: &mut Vec<usize>, test: impl Fn(&Candidate) -> bool) {
        if left.iter().any(|i| test(&self.candidates[*i])) {
            left.retain(|i| test(&self.candidates[*i]));
        }
    }

    /// A date that two of these orders read as different days.
    fn differing(&self, left: &[usize]) -> Option<String> {
        let pairs = left.iter().flat_map(|a| left.iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| a < b && self.differ[*a][*b]).find_map(|(a, b)| self.sample[a][b].clone())
    }

    fn check(&self, file: &str, order: DateOrder) -> Result<DateOrder, ImportError> {
        let candidate = &self.candidates[ORDERS.iter().position(|o| *o == order).unwrap_or(0)];
        match &candidate.refused {
            None => Ok(order),
            Some((line, sample)) => Err(ImportError::WrongDateOrder {
                file: file.to_owned(),
                line: *line,
                sample: sample.clone(),
                order: order.as_str(),
            }),
        }
    }

    /// The line at which the last order that was still possible became impossible.
    fn no_order(&self, file: &str) -> ImportError {
        let last = self.candidates.iter().filter_map(|c| c.refused.as_ref()).max_by_key(|(line, _)| *line);
        let (line, sample) = last.cloned().unwrap_or_default();
        ImportError::Damaged {
            file: file.to_owned(),
            place: format!("line {line}"),
            what: format!("{sample} is not a date in the order of the dates before it"),
        }
    }
}

impl Candidate {
    /// One day more than today: east of here it may be tomorrow.
    fn is_in_the_age_of_whatsapp(&self, today: i64) -> bool {
        self.earliest.is_some_and(|d| d >= FIRST_DAY) && self.latest.is_some_and(|d| d <= today + 1)
    }

    fn add(&mut self, day: Option<i64>, header: &Header, line: u64, written: &str) {
        if self.refused.is_some() {
            return;
        }
        let Some(day) = day else {
            self.refused = Some((line, written.to_owned()));
            return;
        };
        self.earliest = Some(self.earliest.map_or(day, |d| d.min(day)));
        self.latest = Some(self.latest.map_or(day, |d| d.max(day)));
        let minute = day * 1440 + i64::from(header.hour * 60 + header.minute);
        if self.last.is_some_and(|last| minute < last - STEP_BACK_MINUTES) {
            self.steps_back += 1;
        }
        self.last = Some(minute);
    }
}

/// The day in the name of an attached file: `IMG-20240309-WA0001.jpg`,
/// `00000012-PHOTO-2024-03-09-10-05-07.jpg`.
pub fn day_in_file_name(text: &str) -> Option<i64> {
    if let Some(at) = text.find("-WA") {
        let digits = text.get(at.checked_sub(8)?..at)?;
        let part = |r: std::ops::Range<usize>| digits.get(r)?.parse::<u32>().ok();
        return days_since_1970(i32::try_from(part(0..4)?).ok()?, part(4..6)?, part(6..8)?);
    }
    let at = ["-PHOTO-", "-VIDEO-", "-AUDIO-", "-STICKER-", "-GIF-"]
        .iter()
        .find_map(|sort| Some(text.find(sort)? + sort.len()))?;
    let mut parts = text.get(at..at + 10)?.split('-').map(|p| p.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    days_since_1970(i32::try_from(year).ok()?, month, day)
}
