//! Whether an export whose source numbers no chats goes on a thread that is known: by what was
//! said, since two people may have one name.

use rusqlite::{Connection, params};

use super::input::{NewConversation, SampleMessage};
use crate::write;
use crate::{ArchiveError, MessageRecord};

/// The key of the thread that an export belongs to: a known one, or a new one.
pub(super) fn key_of_thread(
    connection: &Connection,
    new: &NewConversation,
) -> Result<String, ArchiveError> {
    if new.sample.is_empty() {
        return Ok(new.key.clone());
    }
    let mut statement = connection.prepare_cached(
        "SELECT id, key FROM conversations WHERE source = ?1 AND (key = ?2 OR substr(key, 1, length(?2) + 1) = ?2 || '#')",
    )?;
    let known: Vec<(i64, String)> = statement
        .query_map(params![new.source.as_str(), new.key], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut best: Option<(usize, String)> = None;
    for (thread, key) in &known {
        let likeness = Likeness::of(connection, *thread, &new.sample)?;
        if likeness.is_same_thread() && best.as_ref().is_none_or(|(n, _)| likeness.exact > *n) {
            best = Some((likeness.exact, key.clone()));
        }
    }
    let taken = known.iter().any(|(_, key)| *key == new.key);
    Ok(match best {
        Some((_, key)) => key,
        None if taken => format!("{}#{}", new.key, mark(&new.sample)),
        None => new.key.clone(),
    })
}

/// How much of a sample a thread has.
#[derive(Default)]
struct Likeness {
    /// Sampled messages within the time of the thread.
    comparable: usize,
    exact: usize,
    /// By the same person in the same minute, with other words.
    soft: usize,
}

impl Likeness {
    fn of(
        connection: &Connection,
        thread: i64,
        sample: &[SampleMessage],
    ) -> Result<Self, ArchiveError> {
        let (from, to): (Option<i64>, Option<i64>) = connection
            .prepare_cached("SELECT min(ts), max(ts) FROM messages WHERE thread_id = ?1")?
            .query_row([thread], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let (Some(from), Some(to)) = (from, to) else { return Ok(Self::default()) };
        let mut likeness = Self::default();
        for message in sample.iter().filter(|m| (from - 60_000..=to + 60_000).contains(&m.ms)) {
            likeness.comparable += 1;
            let known = write::unnumbered_in_minute(connection, thread, message.ms)?;
            let by_sender = || {
                known
                    .iter()
                    .map(|(_, m)| m)
                    .filter(|m| m.sender.as_deref() == Some(&message.sender))
            };
            if by_sender().any(|m| has_words(m, &message.words)) {
                likeness.exact += 1;
            } else if by_sender().next().is_some() {
                likeness.soft += 1;
            }
        }
        Ok(likeness)
    }

    /// Nine in ten are there, and three in ten word by word.
    fn is_same_thread(&self) -> bool {
        let there = self.exact + self.soft;
        self.exact > 0
            && there * 10 >= self.comparable * 9
            && self.exact * 10 >= self.comparable * 3
    }
}

/// A message without words is known by having none: a file, or one that was taken back.
fn has_words(message: &MessageRecord, words: &str) -> bool {
    if words.is_empty() {
        return message.text.is_empty();
    }
    let begins = |text: &str| text.lines().next().unwrap_or_default().starts_with(words);
    begins(&message.text) || message.earlier.iter().any(|w| begins(&w.text))
}

fn mark(sample: &[SampleMessage]) -> String {
    let mut hasher = blake3::Hasher::new();
    for message in sample.iter().take(16) {
        hasher
            .update(&message.ms.to_be_bytes())
            .update(message.sender.as_bytes())
            .update(message.words.as_bytes());
    }
    hasher.finalize().to_hex()[..8].to_owned()
}
