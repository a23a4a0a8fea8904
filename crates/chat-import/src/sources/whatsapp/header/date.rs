//! The date of a header, in numbers or with the name of a month.

use super::super::calendar::{self, Calendar};
use super::super::date_order::DateOrder;
use super::super::marks::is_mark;
use super::WrittenDate;
use super::scanner::{Scanner, digit};

impl Scanner<'_> {
    /// The date, and what stands between its numbers.
    pub(super) fn date(&mut self) -> Option<(WrittenDate, char)> {
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
        let fits = separator == second
            || (separator == '年' && second == '月')
            || (separator == '년' && second == '월');
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
        let date =
            WrittenDate { numbers, digits, order: Some(order), calendar: None, spaced: true };
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
        let length =
            word.find(|c: char| c.is_whitespace() || c == ',' || c == ']').unwrap_or(word.len());
        if calendar::is_era(&word[..length]) {
            self.at += rest.len() - word.len() + length;
        }
    }
}
