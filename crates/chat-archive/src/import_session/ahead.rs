//! An export that is read again: its messages are known and bring nothing new. The known ones of a
//! thread are read ahead in large steps, and no message is looked up.

use rusqlite::{Connection, params};

use super::ImportSession;
use super::group::{Group, Pending};
use super::order::Spot;
use crate::identity::MINUTE_MS;
use crate::write::Place;
use crate::write::message_row::spelled;
use crate::{
    ArchiveError, ConversationId, Cursor, MessageKey, MessageKind, MessageRecord, Precision,
    Timestamp, Zone,
};

/// Messages that are read at once: few after something new, since the next may be new as well; then
/// more and more. The most are 4,000 of usually 200 bytes, 800 KB.
const FEWEST: i64 = 32;
const MOST: i64 = 4_000;

/// Known messages of some whole minutes that their source does not number.
#[derive(Default)]
pub(super) struct Ahead {
    /// By minute, and in the order of the conversation within it.
    rows: Vec<Known>,
    /// The minutes that `rows` has all of, by the first four bytes of keys; none if the first is
    /// above the last.
    minutes: Option<(u32, u32)>,
    /// Holds as long as nothing changes.
    as_of: Cursor,
    step: i64,
}

/// What is needed of a known message to see that an equal one brings nothing new.
struct Known {
    minute: u32,
    id: i64,
    sender: Option<i64>,
    spot: Spot,
    time: Timestamp,
    kind: MessageKind,
    text: String,
}

impl Ahead {
    /// The plain messages of a minute.
    fn of_minute(
        &mut self,
        connection: &Connection,
        (place, as_of): (Place, Cursor),
        minute: u32,
    ) -> Result<&[Known], ArchiveError> {
        let changed = self.as_of != as_of;
        if changed || !self.minutes.is_some_and(|(first, last)| (first..=last).contains(&minute)) {
            self.step =
                if changed || self.minutes.is_none() { FEWEST } else { (self.step * 4).min(MOST) };
            self.as_of = as_of;
            self.read(connection, place, minute)?;
        }
        let from = self.rows.partition_point(|row| row.minute < minute);
        let to = self.rows.partition_point(|row| row.minute <= minute);
        Ok(&self.rows[from..to])
    }

    /// Reads from `minute` on.
    fn read(
        &mut self,
        connection: &Connection,
        place: Place,
        minute: u32,
    ) -> Result<(), ArchiveError> {
        let mut least = [0; 20];
        least[..4].copy_from_slice(&minute.to_be_bytes());
        let mut statement = connection.prepare_cached(
            "SELECT key, id, sender_id, ord, tie, ts, precision, zone, kind, text, attachments, unsent FROM messages
             WHERE thread_id = ?1 AND key >= ?2 AND source_id IS NULL ORDER BY key LIMIT ?3",
        )?;
        let mut rows = statement.query(params![place.thread, least, self.step])?;
        self.rows.clear();
        let (mut count, mut last) = (0, minute);
        while let Some(row) = rows.next()? {
            let key: [u8; 20] = row.get(0)?;
            count += 1;
            last = MessageKey(key).prefix();
            if row.get::<_, i64>(10)? > 0 || row.get(11)? {
                continue;
            }
            let precision = spelled(row, 6, Precision::parse)?;
            self.rows.push(Known {
                minute: last,
                id: row.get(1)?,
                sender: row.get(2)?,
                spot: (row.get(3)?, row.get(4)?),
                time: Timestamp { ms: row.get(5)?, precision, zone: spelled(row, 7, Zone::parse)? },
                kind: spelled(row, 8, MessageKind::parse)?,
                text: row.get(9)?,
            });
        }
        // The last minute may go on.
        let through = if count < self.step { Some(u32::MAX) } else { last.checked_sub(1) };
        self.minutes =
            through.filter(|through| *through >= minute).map(|through| (minute, through));
        self.rows.retain(|row| self.minutes.is_some_and(|(_, through)| row.minute <= through));
        self.rows.sort_by_key(|row| (row.minute, row.spot, row.id));
        Ok(())
    }
}

impl ImportSession<'_> {
    /// Notes the messages of a group as known, if each of them is and brings nothing new. False if
    /// one does not: then nothing was noted.
    pub(super) fn is_all_known(
        &mut self,
        id: ConversationId,
        group: &Group,
    ) -> Result<bool, ArchiveError> {
        let Some(first) = group.messages.first() else { return Ok(true) };
        if !group.messages.iter().all(|message| is_plain(&message.record)) {
            return Ok(false);
        }
        let minute = MessageKey::minute_prefix(first.record.time.ms.div_euclid(MINUTE_MS));
        let as_of = self.writer.cursor();
        let thread =
            self.threads.get_mut(&id).ok_or(ArchiveError::NotFound("open conversation"))?;
        let known = thread.ahead.of_minute(&self.tx, (thread.place, as_of), minute)?;
        let mut same: Vec<(i64, Spot)> = Vec::with_capacity(group.messages.len());
        for message in &group.messages {
            let free = |k: &&Known| {
                !thread.claimed.contains(&k.id) && !same.iter().any(|(id, _)| *id == k.id)
            };
            let equal = |k: &&Known| k.sender == message.sender && k.text == message.record.text;
            match known.iter().filter(equal).find(free) {
                Some(found) if brings_nothing(found, message) => same.push((found.id, found.spot)),
                _ => return Ok(false),
            }
        }
        for (row, spot) in same {
            self.thread(id)?.claimed.insert(row);
            self.known_at_spot(id, spot)?;
            self.report.duplicates_skipped += 1;
        }
        Ok(true)
    }
}

/// Words by a person or the messenger and nothing else.
fn is_plain(record: &MessageRecord) -> bool {
    matches!(record.kind, MessageKind::Text | MessageKind::System)
        && record.attachments.is_empty()
        && !record.edited
        && record.edited_at.is_none()
        && !record.unsent
        && record.reply_to.is_none()
        && record.forwarded_from.is_none()
        && record.reactions.is_empty()
        && record.earlier.is_empty()
        && record.details.is_empty()
}

/// Of two messages with the same words.
fn brings_nothing(known: &Known, message: &Pending) -> bool {
    known.kind == message.record.kind
        && !crate::merge::knows_better(&message.record.time, &known.time)
}
