//! Goes along a line, a character at a time.

use super::super::marks::is_mark;

/// A line and how far it was read.
pub(super) struct Scanner<'a> {
    pub line: &'a str,
    pub at: usize,
}

impl Scanner<'_> {
    pub(super) fn peek(&self) -> Option<char> {
        self.line[self.at..].chars().next()
    }

    pub(super) fn skip_while(&mut self, test: impl Fn(char) -> bool) {
        while let Some(c) = self.peek().filter(|c| test(*c)) {
            self.at += c.len_utf8();
        }
    }

    pub(super) fn skip_marks(&mut self) {
        self.skip_while(is_mark);
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip_while(|c| c.is_whitespace() || is_mark(c));
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        self.take_any(&[wanted])
    }

    pub(super) fn take_any(&mut self, wanted: &[char]) -> bool {
        let found = self.peek().filter(|c| wanted.contains(c));
        self.at += found.map_or(0, char::len_utf8);
        found.is_some()
    }

    /// One of these words and the blanks around it.
    pub(super) fn take_word(&mut self, words: &[&str]) {
        for word in words {
            let rest = &self.line[self.at..];
            if rest.strip_prefix(word).is_some_and(|after| after.starts_with(char::is_whitespace)) {
                self.at += word.len();
                self.skip_blanks();
                return;
            }
        }
    }

    pub(super) fn number(&mut self, most: u8) -> Option<(u32, u8)> {
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

    pub(super) fn separator(&mut self) -> Option<(char, bool)> {
        self.skip_marks();
        let c = self.peek().filter(|c| matches!(c, '/' | '.' | '-' | '年' | '月' | '년' | '월'))?;
        self.at += c.len_utf8();
        self.skip_marks();
        let spaced = self.peek().is_some_and(char::is_whitespace);
        self.skip_blanks();
        Some((c, spaced))
    }
}

/// A digit of any script that phones write dates in.
pub(super) fn digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    const ZEROS: [char; 16] =
        ['٠', '۰', '०', '০', '０', '๐', '໐', '၀', '០', '૦', '੦', '௦', '౦', '೦', '൦', '༠'];
    ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|d| *d < 10))
}
