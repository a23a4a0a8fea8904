//! Where the next message of an export goes. The export's order holds, not the clock's: in the
//! hour that autumn repeats, and where a message arrived late, the clock runs backwards.
//!
//! A message is sorted by its time, or by that of the message above it if that is later. In a
//! chat that is partly known, new messages stand between the known ones that surround them in
//! the export.

use rusqlite::{Connection, OptionalExtension, params};

use crate::ArchiveError;
use crate::write::{Place, Writer};

/// A message may be this much older than the one above it: a messenger delivers for 30 days.
/// Further back, another export begins in the same file, and its own clock counts.
const LATE_MS: i64 = 30 * 86_400_000;

/// Between two messages of the same sorting time, so that ten halvings find room in between.
pub(crate) const STEP: i64 = 1_024;

/// New messages remembered since the last known one, at most (24 bytes each: 240 KB).
const MAX_RUN: usize = 10_000;

/// A place in the order: sorting time, then order within it.
pub(crate) type Spot = (i64, i64);

/// The order of one export within one conversation.
#[derive(Default)]
pub(crate) struct Order {
    last: Option<Spot>,
    /// New messages since the last known one, and where they were put.
    run: Vec<(i64, Spot)>,
}

/// The time to sort a message by, below one that is sorted by `above`.
pub(crate) fn sorting_ms(above: Option<Spot>, ms: i64) -> i64 {
    match above {
        Some((above, _)) if above > ms && above.saturating_sub(ms) <= LATE_MS => above,
        _ => ms,
    }
}

impl Order {
    /// The spot of the next message in a conversation that holds nothing but this export.
    pub(crate) fn append(&mut self, ms: i64) -> Spot {
        let ord = sorting_ms(self.last, ms);
        let tie =
            self.last.filter(|last| last.0 == ord).map_or(0, |last| last.1.saturating_add(STEP));
        self.last = Some((ord, tie));
        (ord, tie)
    }

    /// The spot of the next new message in a conversation that holds others.
    pub(crate) fn insert(
        &mut self,
        connection: &Connection,
        writer: &mut Writer,
        place: Place,
        ms: i64,
    ) -> Result<Spot, ArchiveError> {
        let ord = sorting_ms(self.last, ms);
        let spot = match self.last.filter(|last| last.0 == ord) {
            Some((_, tie)) => (ord, self.room_after(connection, writer, place, (ord, tie))?),
            None => {
                (ord, last_tie(connection, place, ord)?.map_or(0, |tie| tie.saturating_add(STEP)))
            }
        };
        self.last = Some(spot);
        Ok(spot)
    }

    /// Notes which message was put at the last spot.
    pub(crate) fn put(&mut self, id: i64) {
        let Some(last) = self.last else { return };
        if self.run.len() < MAX_RUN {
            self.run.push((id, last));
        }
    }

    /// The next message of the export is known, at `spot`. New ones above it in the export that
    /// were put below it are brought up.
    pub(crate) fn known(
        &mut self,
        connection: &Connection,
        writer: &mut Writer,
        place: Place,
        spot: Spot,
    ) -> Result<(), ArchiveError> {
        let below = |at: &Spot| *at > spot && at.0.saturating_sub(spot.0) <= LATE_MS;
        let run: Vec<(i64, Spot)> = self.run.drain(..).filter(|(_, at)| below(at)).collect();
        if !run.is_empty() {
            lift(connection, writer, place, spot, &run)?;
        }
        self.last = Some(spot);
        Ok(())
    }

    /// A tie between `spot` and the next message of the same sorting time.
    fn room_after(
        &mut self,
        connection: &Connection,
        writer: &mut Writer,
        place: Place,
        (ord, tie): Spot,
    ) -> Result<i64, ArchiveError> {
        let Some(next) = next_tie(connection, place, (ord, tie))? else {
            return Ok(tie.saturating_add(STEP));
        };
        if next - tie >= 2 {
            return Ok(tie + (next - tie) / 2);
        }
        let ties = spread(connection, writer, place, ord)?;
        let at = ties.iter().find(|(old, _)| *old == tie).map_or(tie, |(_, new)| *new);
        for (_, spot) in self.run.iter_mut().filter(|(_, spot)| spot.0 == ord) {
            spot.1 = ties.iter().find(|(old, _)| *old == spot.1).map_or(spot.1, |(_, new)| *new);
        }
        Ok(at + STEP / 2)
    }
}

/// Puts a run of messages just above `spot`.
fn lift(
    connection: &Connection,
    writer: &mut Writer,
    place: Place,
    spot: Spot,
    run: &[(i64, Spot)],
) -> Result<(), ArchiveError> {
    let wanted = run.len() as i64 + 1;
    let mut below = spot.1;
    let mut above = previous_tie(connection, place, spot)?;
    if above.is_some_and(|above| below - above < wanted) {
        let ties = spread(connection, writer, place, spot.0)?;
        below = ties.iter().find(|(old, _)| *old == below).map_or(below, |(_, new)| *new);
        above = above
            .map(|above| ties.iter().find(|(old, _)| *old == above).map_or(above, |(_, new)| *new));
    }
    let step = above.map_or(STEP, |above| ((below - above) / wanted).max(1));
    for (n, (id, from)) in run.iter().enumerate() {
        let tie = below - step * (wanted - 1 - n as i64);
        writer.move_to(connection, place, *id, from.0, (spot.0, tie))?;
    }
    Ok(())
}

/// Spreads the messages of one sorting time, so that there is room between them. Old and new ties.
fn spread(
    connection: &Connection,
    writer: &mut Writer,
    place: Place,
    ord: i64,
) -> Result<Vec<(i64, i64)>, ArchiveError> {
    let rows: Vec<(i64, i64)> = connection
        .prepare_cached(
            "SELECT id, tie FROM messages WHERE conversation_id = ?1 AND ord = ?2 ORDER BY tie, id",
        )?
        .query_map([place.conversation, ord], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut ties = Vec::with_capacity(rows.len());
    for (n, (id, tie)) in rows.into_iter().enumerate() {
        // Room for the longest run that is lifted at once.
        let new = n as i64 * STEP * 64;
        writer.move_to(connection, place, id, ord, (ord, new))?;
        ties.push((tie, new));
    }
    Ok(ties)
}

fn next_tie(
    connection: &Connection,
    place: Place,
    (ord, tie): Spot,
) -> Result<Option<i64>, ArchiveError> {
    one(
        connection,
        "SELECT min(tie) FROM messages WHERE conversation_id = ?1 AND ord = ?2 AND tie > ?3",
        place,
        ord,
        tie,
    )
}

fn previous_tie(
    connection: &Connection,
    place: Place,
    (ord, tie): Spot,
) -> Result<Option<i64>, ArchiveError> {
    one(
        connection,
        "SELECT max(tie) FROM messages WHERE conversation_id = ?1 AND ord = ?2 AND tie < ?3",
        place,
        ord,
        tie,
    )
}

fn last_tie(connection: &Connection, place: Place, ord: i64) -> Result<Option<i64>, ArchiveError> {
    one(
        connection,
        "SELECT max(tie) FROM messages WHERE conversation_id = ?1 AND ord = ?2 AND tie <= ?3",
        place,
        ord,
        i64::MAX,
    )
}

fn one(
    connection: &Connection,
    sql: &str,
    place: Place,
    ord: i64,
    tie: i64,
) -> Result<Option<i64>, ArchiveError> {
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![place.conversation, ord, tie], |r| r.get(0))
        .optional()?;
    Ok(found.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn appended(times: &[i64]) -> Vec<Spot> {
        let mut order = Order::default();
        times.iter().map(|ms| order.append(*ms)).collect()
    }

    #[test]
    fn the_repeated_hour_keeps_the_order_of_the_file() {
        let spots =
            appended(&[2 * HOUR + 50, 2 * HOUR + 55, 2 * HOUR + 5, 2 * HOUR + 10, 3 * HOUR]);
        assert!(spots.is_sorted(), "{spots:?}");
        assert_eq!(spots[2], (2 * HOUR + 55, STEP));
        assert_eq!(spots[4], (3 * HOUR, 0));
    }

    #[test]
    fn a_message_that_comes_weeks_late_stays_where_it_came() {
        let week = 7 * 24 * HOUR;
        assert!(appended(&[10 * week, 7 * week, 10 * week + 1]).is_sorted());
    }

    #[test]
    fn an_older_export_behind_a_newer_one_is_sorted_by_its_own_clock() {
        let year = 365 * 24 * HOUR;
        assert_eq!(
            appended(&[3 * year, year, year + 1]),
            [(3 * year, 0), (year, 0), (year + 1, 0)]
        );
    }
}
