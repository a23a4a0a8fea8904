//! What makes two messages the same message.
//!
//! Where the source numbers its messages, that number. Where it does not (WhatsApp's text
//! export), sender, minute, content and how many equal ones came before in the same minute: so
//! legal repeats survive, importing again adds nothing, and the exports of two phones merge even
//! if one gives seconds and the other only minutes.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Source, Timestamp};

/// Milliseconds in the bucket within which equal messages are counted.
pub(crate) const MINUTE_MS: i64 = 60_000;

/// Digits of an ordinal in a record: those of 2^32 - 1. A key has 40.
const LONGEST_ORDINAL: usize = 10;

/// Identity of a message within its conversation: 20 bytes, serialised as hex.
///
/// The first four bytes follow time or number, so that neighbours lie together in the index (a
/// purely random key would touch a page per message); the other sixteen are a BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageKey(pub [u8; 20]);

impl MessageKey {
    /// Key of a message that its source numbers.
    pub fn of_source_id(source_id: &str) -> Self {
        let number: u64 = source_id.parse().unwrap_or(0);
        Self::assemble(
            (number & 0xffff_ffff) as u32,
            labelled("message-id", &[source_id.as_bytes()]),
        )
    }

    /// Key of the `ordinal`th equal message (from 0) in a minute.
    pub fn of_content(base: &ContentBase, ordinal: u32) -> Self {
        let mut hasher = labelled("message-ordinal", &[&base.hash]);
        hasher.update(&ordinal.to_be_bytes());
        Self::assemble(base.minute, hasher)
    }

    /// Stands for the key that follows from the rest of its record, where a record leaves the key
    /// out: that of the source's number, or of the `ordinal`th equal message of its minute. In no
    /// archive, as 16 bytes of a hash are never all zero.
    pub(crate) fn implied(ordinal: u32) -> Self {
        let mut key = [0; 20];
        key[16..].copy_from_slice(&ordinal.to_be_bytes());
        Self(key)
    }

    /// The ordinal, if this only stands for a key.
    pub(crate) fn implied_ordinal(&self) -> Option<u32> {
        let (zeros, ordinal) = self.0.split_last_chunk::<4>()?;
        (*zeros == [0; 16]).then_some(u32::from_be_bytes(*ordinal))
    }

    /// How keys of unnumbered messages of a minute begin.
    pub(crate) fn minute_prefix(minute: i64) -> u32 {
        (minute & 0xffff_ffff) as u32
    }

    /// The first four bytes.
    pub(crate) fn prefix(&self) -> u32 {
        self.0.first_chunk().map_or(0, |prefix| u32::from_be_bytes(*prefix))
    }

    /// The least and the greatest key of unnumbered messages in the minute of `ms`.
    pub fn of_minute(ms: i64) -> (Self, Self) {
        let minute = Self::minute_prefix(ms.div_euclid(MINUTE_MS)).to_be_bytes();
        let bounds = [0, 0xff].map(|fill| {
            let mut key = [fill; 20];
            key[..4].copy_from_slice(&minute);
            Self(key)
        });
        (bounds[0], bounds[1])
    }

    fn assemble(prefix: u32, hasher: blake3::Hasher) -> Self {
        let mut key = [0; 20];
        key[..4].copy_from_slice(&prefix.to_be_bytes());
        hasher.finalize_xof().fill(&mut key[4..]);
        Self(key)
    }
}

/// Everything about an unnumbered message that identifies it, except the ordinal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentBase {
    minute: u32,
    hash: [u8; 16],
}

impl ContentBase {
    /// `class` keeps text, media and system messages apart; `content` is the text or the name of
    /// the attached file.
    pub fn new(sender: &str, time: &Timestamp, class: &str, content: &str) -> Self {
        let minute = time.ms.div_euclid(MINUTE_MS);
        let fields =
            [sender.as_bytes(), &minute.to_be_bytes(), class.as_bytes(), content.as_bytes()];
        let mut hash = [0; 16];
        labelled("message-content", &fields).finalize_xof().fill(&mut hash);
        Self { minute: (minute & 0xffff_ffff) as u32, hash }
    }
}

pub(crate) fn labelled(label: &str, fields: &[&[u8]]) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"keepsake/").update(label.as_bytes()).update(b"/v1\0");
    for field in fields {
        hasher.update(&(field.len() as u32).to_be_bytes()).update(field);
    }
    hasher
}

/// Counts equal messages while one export is read, in bounded memory.
///
/// Two generations of at most this many entries are kept (about 12 MB in all). A repeat further
/// away than that in the file, yet in the same minute of the clock, is not a real chat.
const GENERATION: usize = 200_000;

/// See [`GENERATION`].
#[derive(Default)]
pub(crate) struct RepeatCounter {
    current: HashMap<ContentBase, u32>,
    previous: HashMap<ContentBase, u32>,
}

impl RepeatCounter {
    /// How many equal messages came before this one.
    pub(crate) fn next_ordinal(&mut self, base: ContentBase) -> u32 {
        if self.current.len() >= GENERATION {
            self.previous = std::mem::take(&mut self.current);
        }
        let seen =
            self.current.get(&base).or_else(|| self.previous.get(&base)).copied().unwrap_or(0);
        self.current.insert(base, seen.saturating_add(1));
        seen
    }
}

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl From<MessageKey> for String {
    fn from(key: MessageKey) -> Self {
        key.implied_ordinal().map_or_else(|| hex::encode(key.0), |ordinal| ordinal.to_string())
    }
}

impl TryFrom<String> for MessageKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() <= LONGEST_ORDINAL {
            return text
                .parse()
                .map(Self::implied)
                .map_err(|_| "an ordinal is a number below 2^32");
        }
        let mut key = [0; 20];
        hex::decode_to_slice(&text, &mut key).map_err(|_| "a message key is 40 hex digits")?;
        Ok(Self(key))
    }
}

/// A thread's name across archives.
pub(crate) fn thread_identity(source: Source, key: &str) -> String {
    format!("{} {key}", source.as_str())
}
