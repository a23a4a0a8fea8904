//! The beginning of a message, in any locale: `[31.12.23, 23:59:58] ` (iPhone),
//! `12/31/23, 11:59 PM - ` (Android), `31/12/2012 17:03:48: ` (iPhone until 2016),
//! `19:23, 28 Aug 2013 - ` (Android until 2014).

mod date;
mod ends;
mod scanner;
#[cfg(test)]
mod tests;

use self::ends::{bracket_end, open_end};
use self::scanner::{Scanner, digit};
use super::calendar::Calendar;
use super::date_order::DateOrder;
use super::marks::trimmed;
use super::phrases::{self, PartOfDay};

/// What a header says. The order of the three numbers is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// What all headers of one export have in common.
    pub shape: Shape,
    /// The date.
    pub date: WrittenDate,
    /// Hour of the day, 0 to 23.
    pub hour: u32,
    /// Minute.
    pub minute: u32,
    /// Second, where given.
    pub second: Option<u32>,
    /// Where the date stands in the line, for messages to the person.
    pub date_at: (usize, usize),
    /// Where the rest of the line begins.
    pub rest: usize,
}

/// All headers of one export have the same shape; a pasted piece of another chat has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How the header ends.
    pub style: Style,
    /// Between the numbers of the date: `/`, `.`, `-`, `年`, `년`, or a blank before a month's name.
    pub separator: char,
    /// `19:23, 28 Aug 2013`
    pub time_first: bool,
}

/// How a header ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `[…] `
    Bracketed,
    /// `… - `
    Dashed,
    /// `…: `
    Colon,
    /// `… ` and nothing else: Croatian iPhones.
    Blank,
}

/// A date as it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrittenDate {
    /// The three numbers as they stand.
    pub numbers: [u32; 3],
    /// How many digits each has.
    pub digits: [u8; 3],
    /// The order, where the name of a month tells.
    pub order: Option<DateOrder>,
    /// The calendar, where an era tells.
    pub calendar: Option<Calendar>,
    /// `24. 3. 9.`: blanks between the numbers.
    pub spaced: bool,
}

/// Reads a header at the beginning of a line; `None` if the line continues a message.
pub(super) fn parse(line: &str) -> Option<Header> {
    // Most lines of a chat begin with a digit or a bracket; the others are seldom headers.
    let mut scan = Scanner { line, at: 0 };
    scan.skip_marks();
    let bracketed = scan.take('[');
    scan.skip_marks();
    let start = scan.at;
    let date_first = scan.date_and_time(bracketed);
    date_first.or_else(|| {
        scan.at = start;
        scan.time_and_date(bracketed)
    })
}

fn in_24_hours(hour: u32, part: Option<PartOfDay>) -> Option<u32> {
    let hour = match part {
        Some(PartOfDay::Am) if hour == 12 => 0,
        Some(PartOfDay::Pm) if hour < 12 => hour + 12,
        Some(PartOfDay::Noon) if hour < 10 => hour + 12,
        Some(PartOfDay::Night) if hour == 12 => 0,
        Some(PartOfDay::Night) if (6..12).contains(&hour) => hour + 12,
        _ => hour,
    };
    (hour < 24).then_some(hour)
}

/// Hour, minute, second.
type Clock = (u32, u32, Option<u32>);

impl Scanner<'_> {
    fn date_and_time(&mut self, bracketed: bool) -> Option<Header> {
        let start = self.at;
        let (date, separator) = self.date()?;
        let date_at = (start, self.at);
        let before = self.between()?;
        let clock = self.clock()?;
        let (after, style) =
            self.marker_and_end(bracketed, date.spaced && separator == '.' && clock.2.is_some())?;
        let shape = Shape { style, separator, time_first: false };
        self.header(shape, date, date_at, clock, before.or(after))
    }

    fn time_and_date(&mut self, bracketed: bool) -> Option<Header> {
        let clock = self.clock()?;
        let part = self.word_before(&[','])?;
        self.skip_blanks();
        let start = self.at;
        let (date, separator) = self.date()?;
        let date_at = (start, self.at);
        let (after, style) = self.marker_and_end(bracketed, false)?;
        if after.is_some() {
            return None;
        }
        self.header(Shape { style, separator, time_first: true }, date, date_at, clock, part)
    }

    fn header(
        &self,
        shape: Shape,
        date: WrittenDate,
        date_at: (usize, usize),
        clock: Clock,
        part: Option<PartOfDay>,
    ) -> Option<Header> {
        let (hour, minute, second) = clock;
        let hour = in_24_hours(hour, part)?;
        let is_time = minute < 60 && second.is_none_or(|s| s <= 60);
        is_time.then_some(Header {
            shape,
            date,
            hour,
            minute,
            second: second.map(|s| s.min(59)),
            date_at,
            rest: self.at,
        })
    }

    fn clock(&mut self) -> Option<Clock> {
        let (hour, _) = self.number(2)?;
        self.hour_separator()?;
        let (minute, digits) = self.number(2)?;
        if digits != 2 {
            return None;
        }
        let before = self.at;
        let second = if self.take_any(&[':', '.']) {
            self.number(2).filter(|(_, digits)| *digits == 2)
        } else {
            None
        };
        if second.is_none() {
            self.at = before;
        }
        Some((hour, minute, second.map(|(s, _)| s)))
    }

    /// `10:05`, `10.05`, `10h05`, `10 h 05`.
    fn hour_separator(&mut self) -> Option<()> {
        if self.take_any(&[':', '.']) {
            return Some(());
        }
        self.skip_blanks();
        let found = self.take('h');
        self.skip_blanks();
        found.then_some(())
    }

    /// Between date and time: comma, blanks, a little word such as `um`, or a part of the day
    /// (`午後3:05`).
    fn between(&mut self) -> Option<Option<PartOfDay>> {
        let start = self.at;
        self.skip_blanks();
        self.take_any(&[',', '،', '、']);
        self.skip_blanks();
        if self.at == start {
            return None;
        }
        let word_start = self.at;
        self.skip_while(|c| digit(c).is_none() && c != ':' && c != ']');
        part_of_day(&self.line[word_start..self.at])
    }

    /// Up to a character: nothing, or a part of the day.
    fn word_before(&mut self, end: &[char]) -> Option<Option<PartOfDay>> {
        let start = self.at;
        self.skip_while(|c| !end.contains(&c) && digit(c).is_none());
        let word = trimmed(&self.line[start..self.at]);
        self.take_any(end).then_some(())?;
        part_of_day(word)
    }

    /// After time and date: perhaps a part of the day, then `] `, ` - ` or `: `.
    fn marker_and_end(
        &mut self,
        bracketed: bool,
        may_be_blank: bool,
    ) -> Option<(Option<PartOfDay>, Style)> {
        let rest = &self.line[self.at..];
        let (marker, used, style) =
            if bracketed { bracket_end(rest)? } else { open_end(rest, may_be_blank)? };
        let part = part_of_day(trimmed(marker))?;
        self.at += used;
        Some((part, style))
    }
}

/// Nothing, a word that says nothing, or a part of the day; `None` for any other word.
fn part_of_day(word: &str) -> Option<Option<PartOfDay>> {
    if word.is_empty() {
        return Some(None);
    }
    match phrases::part_of_day(word) {
        Some(part) => Some(Some(part)),
        None => phrases::is_time_word(word).then_some(None),
    }
}
