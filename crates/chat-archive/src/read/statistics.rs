//! What a conversation is made of, in numbers.

use serde::{Deserialize, Serialize};

use crate::{Archive, ArchiveError, ConversationId};

/// Years that are counted; a clock that was wrong can name any.
const MAX_YEARS: i64 = 200;

/// A conversation in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Messages of each year from the first to the last, as the messages' clocks have it.
    pub years: Vec<YearCount>,
    /// Who wrote how much, the most first. What the messenger itself said is in none.
    pub people: Vec<PersonCount>,
    /// Time of the first message, ms.
    pub first: Option<i64>,
    /// Time of the last message, ms.
    pub last: Option<i64>,
}

/// Messages of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCount {
    /// `2024`.
    pub year: i32,
    /// How many.
    pub messages: u64,
}

/// Messages of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCount {
    /// The name that is shown.
    pub name: String,
    /// The owner of the archive.
    pub own: bool,
    /// How many.
    pub messages: u64,
}

impl Archive {
    /// A conversation in numbers. Years come from the tree of counts; for the people every message
    /// is looked at.
    pub fn statistics(&self, id: ConversationId) -> Result<Statistics, ArchiveError> {
        let (first, last): (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached(
                // Each alone is one step in the index.
                "SELECT (SELECT min(ord) FROM messages WHERE conversation_id = ?1),
                    (SELECT max(ord) FROM messages WHERE conversation_id = ?1)",
            )?
            .query_row([id.0], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(Statistics {
            years: self.years(id, first, last)?,
            people: self.writers(id)?,
            first,
            last,
        })
    }

    fn years(
        &self,
        id: ConversationId,
        first: Option<i64>,
        last: Option<i64>,
    ) -> Result<Vec<YearCount>, ArchiveError> {
        let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
        let mut years = Vec::new();
        let (from, to) = (self.year_of(first)?, self.year_of(last)?);
        let mut before = 0;
        for year in from..=to.min(from.saturating_add(MAX_YEARS)) {
            let end = self.start_of_year(year.saturating_add(1))?;
            let until = self.index_of_time(id, end)?;
            let year = i32::try_from(year).unwrap_or(i32::MAX);
            years.push(YearCount { year, messages: until.saturating_sub(before) });
            before = until;
        }
        Ok(years)
    }

    fn year_of(&self, ms: i64) -> Result<i64, ArchiveError> {
        let sql = "SELECT coalesce(CAST(strftime('%Y', ?1 / 1000, 'unixepoch') AS INTEGER), 1970)";
        Ok(self.connection.prepare_cached(sql)?.query_row([ms], |r| r.get(0))?)
    }

    fn start_of_year(&self, year: i64) -> Result<i64, ArchiveError> {
        let sql =
            "SELECT coalesce(unixepoch(printf('%04d-01-01', ?1)) * 1000, 9223372036854775807)";
        Ok(self.connection.prepare_cached(sql)?.query_row([year], |r| r.get(0))?)
    }

    fn writers(&self, id: ConversationId) -> Result<Vec<PersonCount>, ArchiveError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(q.shown, p.shown, q.name, p.name) AS who,
                coalesce(max(q.own), max(p.own), 0), sum(n) AS written
             FROM (SELECT sender_id, count(*) AS n FROM messages
                   WHERE conversation_id = ?1 AND sender_id IS NOT NULL GROUP BY sender_id)
             JOIN participants p ON p.id = sender_id LEFT JOIN participants q ON q.id = p.same_as
             GROUP BY who ORDER BY written DESC, who",
        )?;
        let people = statement.query_map([id.0], |r| {
            let messages: i64 = r.get(2)?;
            Ok(PersonCount { name: r.get(0)?, own: r.get(1)?, messages: messages.unsigned_abs() })
        })?;
        Ok(people.collect::<Result<_, _>>()?)
    }
}
