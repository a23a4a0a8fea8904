//! The beginning of a message: `[31.12.23, 23:59:58] ` (iPhone) or `12/31/23, 11:59 PM - `
//! (Android), in any locale.

use super::phrases::{self, Half};

/// What a header says. The order of the three numbers is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// iPhone style.
    pub bracketed: bool,
    /// Between the numbers of the date: `/`, `.`, `-`, `年`, `년`.
    pub separator: char,
    /// The three numbers as they stand.
    pub numbers: [u32; 3],
    /// How many digits each has.
    pub digits: [u8; 3],
    /// Hour of the day, 0 to 23.
    pub hour: u32,
    /// Minute.
    pub minute: u32,
    /// Second, where given.
    pub second: Option<u32>,
    /// Where the date stands in the line, for messages to the person.
    pub date: (usize, usize),
    /// Where the rest of the line begins.
    pub rest: usize,
}

/// A header is never longer than this many characters; longer ones are text.
const MAX_MARKER: usize = 32;

/// Reads a header at the beginning of a line; `None` if the line continues a message.
pub fn parse(line: &str) -> Option<Header> {
    let mut scan = Scanner { line, at: 0 };
    scan.skip_marks();
    let bracketed = scan.take('[');
    scan.skip_marks();
    let date_start = scan.at;
    let (n1, d1) = scan.number(4)?;
    let separator = scan.separator()?;
    let (n2, d2) = scan.number(2)?;
    let second_separator = scan.separator()?;
    if !fits(separator, second_separator) {
        return None;
    }
    let (n3, d3) = scan.number(4)?;
    let date_end = scan.at;
    scan.take_any(&['.', '日', '일']);
    let before = scan.between()?;
    let (hour, _) = scan.number(2)?;
    scan.hour_separator()?;
    let (minute, digits) = scan.number(2)?;
    if digits != 2 {
        return None;
    }
    let second = if scan.take_any(&[':', '.']) { Some(scan.number(2)?.0) } else { None };
    let after = scan.marker_and_end(bracketed)?;
    let hour = in_24_hours(hour, before.or(after))?;
    (minute < 60 && second.is_none_or(|s| s <= 60)).then_some(Header {
        bracketed,
        separator,
        numbers: [n1, n2, n3],
        digits: [d1, d2, d3],
        hour,
        minute,
        second: second.map(|s| s.min(59)),
        date: (date_start, date_end),
        rest: scan.at,
    })
}

/// `2024年3月9日` has two different separators, all others the same twice.
fn fits(first: char, second: char) -> bool {
    first == second || (first == '年' && second == '月') || (first == '년' && second == '월')
}

fn in_24_hours(hour: u32, half: Option<Half>) -> Option<u32> {
    let hour = match half {
        Some(Half::Am) if hour == 12 => 0,
        Some(Half::Pm) if hour < 12 => hour + 12,
        _ => hour,
    };
    (hour < 24).then_some(hour)
}

/// Characters without width that exports sprinkle in: direction marks, joiners, BOM.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// A digit of any script that phones write dates in.
fn digit(c: char) -> Option<u32> {
    const ZEROS: [char; 6] = ['0', '٠', '۰', '०', '০', '０'];
    ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|d| *d < 10))
}

struct Scanner<'a> {
    line: &'a str,
    at: usize,
}

impl Scanner<'_> {
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

    fn number(&mut self, most: u8) -> Option<(u32, u8)> {
        let (mut value, mut digits) = (0, 0);
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

    fn separator(&mut self) -> Option<char> {
        self.skip_marks();
        let c = self.peek().filter(|c| matches!(c, '/' | '.' | '-' | '年' | '月' | '년' | '월'))?;
        self.at += c.len_utf8();
        self.skip_blanks();
        Some(c)
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

    /// Between date and time: comma, blanks, a little word such as `um`, or a half of the day
    /// (`午後3:05`).
    fn between(&mut self) -> Option<Option<Half>> {
        let start = self.at;
        self.skip_blanks();
        self.take_any(&[',', '،', '、']);
        self.skip_blanks();
        if self.at == start {
            return None;
        }
        let word_start = self.at;
        self.skip_while(|c| digit(c).is_none() && c != ':' && c != ']');
        let word = &self.line[word_start..self.at];
        if word.is_empty() {
            return Some(None);
        }
        match phrases::half_of_day(word) {
            Some(half) => Some(Some(half)),
            None => phrases::is_time_word(word).then_some(None),
        }
    }

    /// After the time: perhaps a half of the day, then `] ` or ` - `.
    fn marker_and_end(&mut self, bracketed: bool) -> Option<Option<Half>> {
        let rest = &self.line[self.at..];
        let (marker, used) = if bracketed { bracket_end(rest)? } else { dash_end(rest)? };
        self.at += used;
        let marker = marker.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
        if marker.is_empty() || phrases::is_time_word(marker) {
            return Some(None);
        }
        phrases::half_of_day(marker).map(Some)
    }
}

/// Text before `]`, and how much is used with one blank after it.
fn bracket_end(rest: &str) -> Option<(&str, usize)> {
    let end = rest.char_indices().take(MAX_MARKER).find(|(_, c)| *c == ']')?.0;
    let used = end + 1;
    let blank = rest[used..].chars().next().filter(|c| c.is_whitespace());
    Some((&rest[..end], used + blank.map_or(0, char::len_utf8)))
}

/// Text before ` - `, and how much is used with it.
fn dash_end(rest: &str) -> Option<(&str, usize)> {
    let mut before_blank = false;
    for (at, c) in rest.char_indices().take(MAX_MARKER) {
        if before_blank && matches!(c, '-' | '–' | '—') {
            let after = at + c.len_utf8();
            return match rest[after..].chars().next() {
                None => Some((&rest[..at], after)),
                Some(blank) if blank.is_whitespace() => Some((&rest[..at], after + blank.len_utf8())),
                Some(_) => None,
            };
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
    ];

    #[test]
    fn headers_of_many_locales() {
        for (line, numbers, (hour, minute, second), rest) in GOOD {
            let header = parse(line).unwrap_or_else(|| panic!("not a header: {line}"));
            let time = (header.hour, header.minute, header.second);
            assert_eq!(
                (header.numbers, time, &line[header.rest..]),
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
            "[10:05, 1/2/2024] Ada: hi",
            "1/2/24 came by at 11:25 - nice",
        ];
        for line in lines {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
