//! The beginning of a message, in any locale: `[31.12.23, 23:59:58] ` (iPhone),
//! `12/31/23, 11:59 PM - ` (Android), `31/12/2012 17:03:48: ` (iPhone until 2016),
//! `19:23, 28 Aug 2013 - ` (Android until 2014).

use super::calendar::{self, Calendar};
use super::date_order::DateOrder;
use super::marks::{is_mark, trimmed};
use super::phrases::{self, PartOfDay};

/// What a header says. The order of the three numbers is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
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
pub struct Shape {
    /// How the header ends.
    pub style: Style,
    /// Between the numbers of the date: `/`, `.`, `-`, `年`, `년`, or a blank before a month's name.
    pub separator: char,
    /// `19:23, 28 Aug 2013`
    pub time_first: bool,
}

/// How a header ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
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
pub struct WrittenDate {
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

/// A marker between time and end is never longer than this many characters; longer ones are text.
const MAX_MARKER: usize = 32;

/// Reads a header at the beginning of a line; `None` if the line continues a message.
pub fn parse(line: &str) -> Option<Header> {
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

/// A digit of any script that phones write dates in.
fn digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    const ZEROS: [char; 16] = ['٠', '۰', '०', '০', '０', '๐', '໐', '၀', '០', '૦', '੦', '௦', '౦', '೦', '൦', '༠'];
    ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|d| *d < 10))
}

struct Scanner<'a> {
    line: &'a str,
    at: usize,
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
        let (after, style) = self.marker_and_end(bracketed, date.spaced && separator == '.' && clock.2.is_some())?;
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

    /// The date, and what stands between its numbers.
    fn date(&mut self) -> Option<(WrittenDate, char)> {
        let start = self.at;
        if let Some(found) = self.date_in_numbers() {
            return Some(found);
        }
        self.at = start;
        self.date_with_month()
    }

    fn date_in_numbers(&mut self) -> Option<(WrittenDate, char)> {
        let era = self.era();
        let (n1, d1) = self.number(4)?;
        let (separator, spaced) = self.separator()?;
        let (n2, d2) = self.number(4)?;
        let (second, _) = self.separator()?;
        let fits =
            separator == second || (separator == '年' && second == '月') || (separator == '년' && second == '월');
        if !fits {
            return None;
        }
        let (n3, d3) = self.number(4)?;
        self.take_any(&['.', '日', '일']);
        self.era_word();
        let date = WrittenDate {
            numbers: [n1, n2, n3],
            digits: [d1, d2, d3],
            order: era.map(|_| DateOrder::Ymd),
            calendar: era.map(Calendar::Japanese),
            spaced,
        };
        Some((date, separator))
    }

    /// `28 Aug 2013`, `28 de ago. de 2013`, `Aug 28, 2013`.
    fn date_with_month(&mut self) -> Option<(WrittenDate, char)> {
        let first = self.number(2);
        let month = self.month()?;
        let day_first = first.is_some();
        let (day, day_digits) = match first {
            Some(day) => day,
            None => self.number(2)?,
        };
        self.skip_while(|c| c.is_whitespace() || is_mark(c) || c == ',' || c == '.');
        self.take_word(&["de", "г."]);
        let (year, year_digits) = self.number(4)?;
        if year_digits != 4 {
            return None;
        }
        let (numbers, digits, order) = match day_first {
            true => ([day, month, year], [day_digits, 2, 4], DateOrder::Dmy),
            false => ([month, day, year], [2, day_digits, 4], DateOrder::Mdy),
        };
        let date = WrittenDate { numbers, digits, order: Some(order), calendar: None, spaced: true };
        Some((date, ' '))
    }

    fn month(&mut self) -> Option<u32> {
        self.skip_blanks();
        self.take_word(&["de"]);
        let start = self.at;
        self.skip_while(|c| c.is_alphabetic());
        let month = calendar::month(&self.line[start..self.at])?;
        self.take('.');
        self.skip_blanks();
        Some(month)
    }

    /// `R6/3/29`, `令和6年3月29日`
    fn era(&mut self) -> Option<i32> {
        let start = self.at;
        let end = self.line[start..].find(|c| digit(c).is_some())?;
        let first = calendar::japanese_era(self.line[start..start + end].trim())?;
        self.at = start + end;
        Some(first)
    }

    /// A word such as `BE` after the year, which says what the year itself says.
    fn era_word(&mut self) {
        let rest = &self.line[self.at..];
        let word = rest.trim_start();
        let length = word.find(|c: char| c.is_whitespace() || c == ',' || c == ']').unwrap_or(word.len());
        if calendar::is_era(&word[..length]) {
            self.at += rest.len() - word.len() + length;
        }
    }

    fn clock(&mut self) -> Option<Clock> {
        let (hour, _) = self.number(2)?;
        self.hour_separator()?;
        let (minute, digits) = self.number(2)?;
        if digits != 2 {
            return None;
        }
        let before = self.at;
        let second = if self.take_any(&[':', '.']) { self.number(2).filter(|(_, digits)| *digits == 2) } else { None };
        if second.is_none() {
            self.at = before;
        }
        Some((hour, minute, second.map(|(s, _)| s)))
    }

    fn peek(&self) -> Option<char> {
        self.line[self.at..].chars().next()
    }

    fn skip_while(&mut self, test: impl Fn(char) -> bool) {
        while let Some(c) = self.peek().filter(|c| test(*c)) {
            self.at += c.len_utf8();
        }
    }

    fn skip_marks(&mut self) {
        self.skip_while(is_mark);
    }

    fn skip_blanks(&mut self) {
        self.skip_while(|c| c.is_whitespace() || is_mark(c));
    }

    fn take(&mut self, wanted: char) -> bool {
        self.take_any(&[wanted])
    }

    fn take_any(&mut self, wanted: &[char]) -> bool {
        let found = self.peek().filter(|c| wanted.contains(c));
        self.at += found.map_or(0, char::len_utf8);
        found.is_some()
    }

    /// One of these words and the blanks around it.
    fn take_word(&mut self, words: &[&str]) {
        for word in words {
            let rest = &self.line[self.at..];
            if rest.strip_prefix(word).is_some_and(|after| after.starts_with(char::is_whitespace)) {
                self.at += word.len();
                self.skip_blanks();
                return;
            }
        }
    }

    fn number(&mut self, most: u8) -> Option<(u32, u8)> {
        let mut value = 0;
        let mut digits = 0;
        while let Some((c, d)) = self.peek().and_then(|c| Some((c, digit(c)?))) {
            digits += 1;
            if digits > most {
                return None;
            }
            value = value * 10 + d;
            self.at += c.len_utf8();
        }
        (digits > 0).then_some((value, digits))
    }

    fn separator(&mut self) -> Option<(char, bool)> {
        self.skip_marks();
        let c = self.peek().filter(|c| matches!(c, '/' | '.' | '-' | '年' | '月' | '년' | '월'))?;
        self.at += c.len_utf8();
        self.skip_marks();
        let spaced = self.peek().is_some_and(char::is_whitespace);
        self.skip_blanks();
        Some((c, spaced))
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
    fn marker_and_end(&mut self, bracketed: bool, may_be_blank: bool) -> Option<(Option<PartOfDay>, Style)> {
        let rest = &self.line[self.at..];
        let (marker, used, style) = if bracketed { bracket_end(rest)? } else { open_end(rest, may_be_blank)? };
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

/// Text before `]`, how much is used with what follows it, and the style.
fn bracket_end(rest: &str) -> Option<(&str, usize, Style)> {
    let end = rest.char_indices().take(MAX_MARKER).find(|(_, c)| *c == ']')?.0;
    let used = end + 1;
    let blank = rest[used..].chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8);
    // WhatsApp Web's own lines have a dash before them.
    let dash = if rest[used + blank..].starts_with("- ") { 2 } else { 0 };
    Some((&rest[..end], used + blank + dash, Style::Bracketed))
}

/// The same for a header without brackets.
fn open_end(rest: &str, may_be_blank: bool) -> Option<(&str, usize, Style)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Line; the numbers of its date; hour, minute, second; what follows.
    type Case = (&'static str, [u32; 3], (u32, u32, Option<u32>), &'static str);

    const GOOD: &[Case] = &[
        ("01/02/24, 11:25 - Ada: hi", [1, 2, 24], (11, 25, None), "Ada: hi"),
        ("1/2/24, 11:25 PM - Ada: hi", [1, 2, 24], (23, 25, None), "Ada: hi"),
        ("1/2/24, 11:25\u{202f}PM - Ada: hi", [1, 2, 24], (23, 25, None), "Ada: hi"),
        ("01/02/2024, 12:05 a. m. - Ada: hi", [1, 2, 2024], (0, 5, None), "Ada: hi"),
        ("01/02/2024, 03:05 p.\u{a0}m. - Ada: hi", [1, 2, 2024], (15, 5, None), "Ada: hi"),
        ("[31.12.23, 23:59:58] Ada: hi", [31, 12, 23], (23, 59, Some(58)), "Ada: hi"),
        ("\u{200e}[31.12.23, 23:59:58] Ada: hi", [31, 12, 23], (23, 59, Some(58)), "Ada: hi"),
        ("[2024-03-09, 5:06:07 AM] Ada: hi", [2024, 3, 9], (5, 6, Some(7)), "Ada: hi"),
        ("2024/03/09 午後3:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
        ("2024. 3. 9. 오후 3:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
        ("2024년 3월 9일 오후 3:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
        ("2024年3月9日 15:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
        ("9.3.2024 klo 15.05 - Ada: hi", [9, 3, 2024], (15, 5, None), "Ada: hi"),
        ("9/3/24 à 15:05 - Ada: hi", [9, 3, 24], (15, 5, None), "Ada: hi"),
        ("2024-03-09 15 h 05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
        ("\u{200f}٩\u{200f}/٣\u{200f}/٢٠٢٤، ٣:٠٥ م - Ada: hi", [9, 3, 2024], (15, 5, None), "Ada: hi"),
        ("[9/3/24, 15:05:00]", [9, 3, 24], (15, 5, Some(0)), ""),
        ("9-3-24 15:05 - ", [9, 3, 24], (15, 5, None), ""),
        ("19/12/2012 17:03:48: Ada: hi", [19, 12, 2012], (17, 3, Some(48)), "Ada: hi"),
        ("3/24/14, 1:59:59 PM: Ada: hi", [3, 24, 14], (13, 59, Some(59)), "Ada: hi"),
        ("13.06.18 21.25.15: Ada: hi", [13, 6, 18], (21, 25, Some(15)), "Ada: hi"),
        ("13. 6. 2018. 21:25:15 Ada: hi", [13, 6, 2018], (21, 25, Some(15)), "Ada: hi"),
        ("[06/2018/13, 21:25:15] Ada: hi", [6, 2018, 13], (21, 25, Some(15)), "Ada: hi"),
        ("29.01.18, 3:05 nachm. - Ada: hi", [29, 1, 18], (15, 5, None), "Ada: hi"),
        ("29.01.18, 9:05 abends - Ada: hi", [29, 1, 18], (21, 5, None), "Ada: hi"),
        ("[29/3/2567 BE, 15:05:07] Ada: hi", [29, 3, 2567], (15, 5, Some(7)), "Ada: hi"),
        ("[15:05:07, 3/29/24] Ada: hi", [3, 29, 24], (15, 5, Some(7)), "Ada: hi"),
        ("19:23, 28 Aug 2013 - Ada: hi", [28, 8, 2013], (19, 23, None), "Ada: hi"),
        ("7:23 PM, Aug 28, 2013 - Ada: hi", [8, 28, 2013], (19, 23, None), "Ada: hi"),
        ("19:23, 28 de ago. de 2013 - Ada: hi", [28, 8, 2013], (19, 23, None), "Ada: hi"),
        ("[R6/3/29 15:05:07] Ada: hi", [6, 3, 29], (15, 5, Some(7)), "Ada: hi"),
        ("[3/29/24, 3:04:00 PM] - Ada made this group", [3, 29, 24], (15, 4, Some(0)), "Ada made this group"),
        ("2018/1/9 中午11:30 - Ada: hi", [2018, 1, 9], (11, 30, None), "Ada: hi"),
        ("9/1/2018, रात 2:05 - Ada: hi", [9, 1, 2018], (2, 5, None), "Ada: hi"),
    ];

    #[test]
    fn headers_of_many_locales() {
        for (line, numbers, (hour, minute, second), rest) in GOOD {
            let header = parse(line).unwrap_or_else(|| panic!("not a header: {line}"));
            let time = (header.hour, header.minute, header.second);
            assert_eq!(
                (header.date.numbers, time, &line[header.rest..]),
                (*numbers, (*hour, *minute, *second), *rest),
                "{line}"
            );
        }
    }

    #[test]
    fn text_that_only_looks_like_a_header() {
        let lines = [
            "",
            "hello",
            "12 - 3 = 9",
            "1/2/24",
            "1/2/24, 11:25",
            "1/2/24, 11:25-Ada: hi",
            "1/2.24, 11:25 - Ada: hi",
            "[1/2/24, 25:00:00] Ada: hi",
            "1/2/24, 11:61 - Ada: hi",
            "1/2/24, 11:25 blah - Ada: hi",
            "1/2/24, 11:25: lunch",
            "13. 6. 2018. 21:25:15 lunch",
            "10:05 came 1/2/2024 - Ada: hi",
            "1/2/24 came by at 11:25 - nice",
        ];
        for line in lines {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
