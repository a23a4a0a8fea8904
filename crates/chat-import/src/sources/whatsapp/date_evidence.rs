//! Works out whether 3/4/24 is the third of April or the fourth of March.
//!
//! In order: what cannot be a date; time must not run backwards; no message is older than
//! WhatsApp or from the future; dates in the names of attached files; orders that no phone uses
//! with such dates. If two orders still give different days, the person is asked: nothing else (a
//! 12-hour clock, English) proves anything.

use super::calendar::{Calendar, days_since_1970};
use super::date_order::{DateOrder, ORDERS};
use super::header::{Header, Shape};
use crate::ImportError;

const CALENDARS: [Calendar; 3] = [Calendar::Gregorian, Calendar::Buddhist, Calendar::Persian];

/// An order and a calendar: a way to read the dates of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    order: DateOrder,
    calendar: Calendar,
}

/// A phone's clock may step back this much (a flight west, the end of summer time) without
/// anything being wrong: 26 hours, the width of all time zones.
const STEP_BACK_MINUTES: i64 = 26 * 60;

/// 2009-01-01, the year of WhatsApp's beginning, in days since 1970.
const FIRST_DAY: i64 = 14_245;

impl Reading {
    /// The day that a header names, as days since 1970-01-01; `None` if there is no such day.
    pub(crate) fn day(self, header: &Header) -> Option<i64> {
        let date = &header.date;
        let [a, b, c] = [0, 1, 2].map(|i| (date.numbers[i], date.digits[i]));
        let calendar = date.calendar.unwrap_or(self.calendar);
        let (year, month, day) = match date.order.unwrap_or(self.order) {
            // A year in the middle: month, year, day.
            _ if b.1 > 2 => (b, a, c),
            DateOrder::Dmy => (c, b, a),
            DateOrder::Mdy => (c, a, b),
            DateOrder::Ymd => (a, b, c),
        };
        if month.1 > 2 || day.1 > 2 {
            return None;
        }
        calendar.day(year, month.0, day.0)
    }
}

/// What the lines of a chat say about the order.
pub(crate) struct Evidence {
    shape: Option<Shape>,
    /// By calendar, then by order.
    candidates: [[Candidate; 3]; 3],
    /// A date that two orders (of the Gregorian calendar) read as different days.
    differ: [[Option<String>; 3]; 3],
    spaced: bool,
    two_digit_year: bool,
    /// The text is in a language of which no country writes the month first.
    never_month_first: bool,
    last_date: Option<([u32; 3], [Option<i64>; 9])>,
}

#[derive(Default, Clone)]
struct Candidate {
    /// Lines that are no date in this reading: how many, and the first.
    refusals: u64,
    refused: Option<(u64, String)>,
    dates: u64,
    steps_back: u64,
    earliest: Option<i64>,
    latest: Option<i64>,
    last: Option<i64>,
    names_agree: u64,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            shape: None,
            candidates: Default::default(),
            differ: Default::default(),
            spaced: false,
            two_digit_year: true,
            never_month_first: false,
            last_date: None,
        }
    }
}

impl Evidence {
    /// Takes in the header in line `line`; `written` is the date as it stands there.
    pub(crate) fn add(
        &mut self,
        header: &Header,
        line: u64,
        written: &str,
        named_day: Option<i64>,
    ) {
        self.shape = Some(header.shape);
        self.spaced |= header.date.spaced;
        self.two_digit_year &= header.date.digits.iter().all(|d| *d <= 2);
        let days = self.days(header);
        for (at, day) in days.into_iter().enumerate() {
            let candidate = &mut self.candidates[at / 3][at % 3];
            candidate.add(day, header, line, written);
            candidate.names_agree += u64::from(named_day.is_some() && named_day == day);
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            if days[a] != days[b] && self.differ[a][b].is_none() {
                self.differ[a][b] = Some(written.to_owned());
            }
        }
    }

    /// The export is in a language other than English and Filipino.
    pub(crate) fn is_never_month_first(&mut self) {
        self.never_month_first = true;
    }

    /// Most messages are of the same day as the one before.
    fn days(&mut self, header: &Header) -> [Option<i64>; 9] {
        if let Some((_, days)) =
            self.last_date.filter(|(numbers, _)| *numbers == header.date.numbers)
        {
            return days;
        }
        let mut days = [None; 9];
        for (at, day) in days.iter_mut().enumerate() {
            *day = Reading { order: ORDERS[at % 3], calendar: CALENDARS[at / 3] }.day(header);
        }
        self.last_date = Some((header.date.numbers, days));
        days
    }

    /// How to read the dates: chosen by the person or worked out. `today` is in days since 1970.
    pub(crate) fn decide(
        &self,
        file: &str,
        chosen: Option<DateOrder>,
        today: i64,
    ) -> Result<Reading, ImportError> {
        // Years of two digits that lie in the future are of another calendar.
        let in_age = |calendar: &usize| {
            self.candidates[*calendar].iter().any(|c| c.is_possible_in_age(today))
        };
        let calendar = (0..3).find(in_age).unwrap_or(0);
        let order = match chosen {
            Some(order) => self.check(file, calendar, order)?,
            None => self.order(file, calendar, today)?,
        };
        Ok(Reading { order, calendar: CALENDARS[calendar] })
    }

    fn order(&self, file: &str, calendar: usize, today: i64) -> Result<DateOrder, ImportError> {
        let candidates = &self.candidates[calendar];
        let mut left: Vec<usize> = (0..3).filter(|i| candidates[*i].is_possible()).collect();
        if left.is_empty() {
            return Err(self.no_order(file, calendar));
        }
        prefer(&mut left, |i| candidates[i].refusals == 0);
        prefer(&mut left, |i| candidates[i].steps_back == 0);
        prefer(&mut left, |i| candidates[i].is_in_the_age_of_whatsapp(today));
        prefer(&mut left, |i| candidates[i].names_agree > 0);
        prefer(&mut left, |i| self.is_in_use(ORDERS[i]));
        match self.differing(&left) {
            None => Ok(ORDERS[left[0]]),
            Some(sample) => Err(ImportError::AmbiguousDates { file: file.to_owned(), sample }),
        }
    }

    /// Whether phones write dates of this shape in this order (CLDR's short dates).
    fn is_in_use(&self, order: DateOrder) -> bool {
        let Some(shape) = self.shape else { return true };
        match (order, shape.separator) {
            // English and Filipino alone put the month first, with slashes.
            (DateOrder::Mdy, separator) => separator == '/' && !self.never_month_first,
            // Years of two digits come first with blanks (Korean) or dashes; with slashes in
            // Chinese and Basque, which write the day's half in words or the year in full by now.
            (DateOrder::Ymd, '.') => self.spaced || !self.two_digit_year,
            (DateOrder::Ymd, '/') => !self.two_digit_year,
            _ => true,
        }
    }

    /// A date that two of these orders read as different days.
    fn differing(&self, left: &[usize]) -> Option<String> {
        let pairs = left.iter().flat_map(|a| left.iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| a < b).find_map(|(a, b)| self.differ[a][b].clone())
    }

    fn check(
        &self,
        file: &str,
        calendar: usize,
        order: DateOrder,
    ) -> Result<DateOrder, ImportError> {
        let at = ORDERS.iter().position(|o| *o == order).unwrap_or(0);
        let candidate = &self.candidates[calendar][at];
        match &candidate.refused {
            Some((line, sample)) if !candidate.is_possible() => Err(ImportError::WrongDateOrder {
                file: file.to_owned(),
                line: *line,
                sample: sample.clone(),
                order: order.as_str(),
            }),
            _ => Ok(order),
        }
    }

    /// The line at which the last order that was still possible became impossible.
    fn no_order(&self, file: &str, calendar: usize) -> ImportError {
        let refused = self.candidates[calendar].iter().filter_map(|c| c.refused.as_ref());
        let (line, sample) = refused.max_by_key(|(line, _)| *line).cloned().unwrap_or_default();
        ImportError::Damaged {
            file: file.to_owned(),
            place: format!("line {line}"),
            what: format!("{sample} is not a date in the order of the dates before it"),
        }
    }
}

/// Keeps the orders that pass a test, unless none does.
fn prefer(left: &mut Vec<usize>, test: impl Fn(usize) -> bool) {
    if left.iter().any(|i| test(*i)) {
        left.retain(|i| test(*i));
    }
}

impl Candidate {
    /// One day more than today: east of here it may be tomorrow.
    fn is_in_the_age_of_whatsapp(&self, today: i64) -> bool {
        self.earliest.is_some_and(|d| d >= FIRST_DAY) && self.latest.is_some_and(|d| d <= today + 1)
    }

    /// A line in fifty may be text that looks like a header.
    fn is_possible(&self) -> bool {
        self.refusals * 50 <= self.dates
    }

    fn is_possible_in_age(&self, today: i64) -> bool {
        self.is_possible() && self.is_in_the_age_of_whatsapp(today)
    }

    fn add(&mut self, day: Option<i64>, header: &Header, line: u64, written: &str) {
        let Some(day) = day else {
            self.refusals += 1;
            self.refused.get_or_insert_with(|| (line, written.to_owned()));
            return;
        };
        self.dates += 1;
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
pub(crate) fn day_in_file_name(text: &str) -> Option<i64> {
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
