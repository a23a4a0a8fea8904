//! Which snapshots stay: the newest ones, and the last of each day, week, month, year.

use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// How many snapshots stay, and by which rule. Several rules add up; the newest snapshot always
/// stays.
///
/// Days, weeks (ISO 8601, from Monday), months and years are those of UTC, and only those count
/// that have a snapshot: `daily: 7` keeps the last snapshot of each of the seven newest days on
/// which there was one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    pub last: usize,
    pub daily: usize,
    pub weekly: usize,
    pub monthly: usize,
    pub yearly: usize,
}

/// A rule by which a snapshot stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    Newest,
    Last,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Retention {
    /// Snapshots that stay, with the rules that keep them. Given (sequence, unix seconds), oldest
    /// first.
    pub fn keep(&self, snapshots: &[(u64, u64)]) -> BTreeMap<u64, Vec<Because>> {
        let mut keep: BTreeMap<u64, Vec<Because>> = BTreeMap::new();
        let mut stays = |sequence: u64, because| keep.entry(sequence).or_default().push(because);
        for (newer, (sequence, _)) in snapshots.iter().rev().enumerate() {
            match newer {
                _ if newer < self.last => stays(*sequence, Because::Last),
                0 => stays(*sequence, Because::Newest),
                _ => break,
            }
        }
        let rules: [(usize, Because, PeriodOf); 4] = [
            (self.daily, Because::Daily, |d| (d.year(), d.ordinal())),
            (self.weekly, Because::Weekly, week),
            (self.monthly, Because::Monthly, |d| (d.year(), u8::from(d.month()).into())),
            (self.yearly, Because::Yearly, |d| (d.year(), 0)),
        ];
        for (count, because, period) in rules {
            let mut seen = Vec::new();
            for (sequence, created) in snapshots.iter().rev() {
                let period = period(date(*created));
                if seen.len() < count && !seen.contains(&period) {
                    seen.push(period);
                    stays(*sequence, because);
                }
            }
        }
        keep
    }
}

/// Names the period that a day is in.
type PeriodOf = fn(Date) -> (i32, u16);

fn week(date: Date) -> (i32, u16) {
    let (year, week, _) = date.to_iso_week_date();
    (year, week.into())
}

/// Of a clock that was far off, the nearest day that a calendar has.
fn date(created: u64) -> Date {
    let seconds = i64::try_from(created).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn at(moments: &[OffsetDateTime]) -> Vec<(u64, u64)> {
        (1..).zip(moments.iter().map(|m| m.unix_timestamp().unsigned_abs())).collect()
    }

    fn kept(retention: Retention, moments: &[OffsetDateTime]) -> Vec<u64> {
        retention.keep(&at(moments)).into_keys().collect()
    }

    #[test]
    fn the_last_of_each_period_stays() {
        let moments = [
            datetime!(2024-12-30 10:00 UTC), // ISO week 1 of 2025
            datetime!(2025-01-01 10:00 UTC),
            datetime!(2025-01-31 10:00 UTC),
            datetime!(2025-02-01 10:00 UTC),
            datetime!(2025-02-01 23:59 UTC),
            datetime!(2025-02-02 00:00 UTC),
        ];
        let none = Retention::default();
        assert_eq!(kept(none, &moments), [6], "the newest always");
        assert_eq!(kept(Retention { last: 2, ..none }, &moments), [5, 6]);
        assert_eq!(kept(Retention { daily: 3, ..none }, &moments), [3, 5, 6]);
        assert_eq!(kept(Retention { weekly: 9, ..none }, &moments), [2, 6]);
        assert_eq!(kept(Retention { monthly: 9, ..none }, &moments), [1, 3, 6]);
        assert_eq!(kept(Retention { yearly: 9, ..none }, &moments), [1, 6]);
        assert_eq!(kept(Retention { daily: 1, yearly: 2, ..none }, &moments), [1, 6]);
    }

    #[test]
    fn days_without_a_snapshot_do_not_count() {
        let moments = [datetime!(2020-05-01 10:00 UTC), datetime!(2025-02-02 00:00 UTC)];
        assert_eq!(kept(Retention { daily: 2, ..Retention::default() }, &moments), [1, 2]);
    }

    #[test]
    fn a_clock_that_was_far_off_keeps_its_snapshot_and_breaks_nothing() {
        let kept = Retention { yearly: 5, ..Retention::default() }.keep(&[(1, u64::MAX), (2, 0)]);
        assert_eq!(kept.into_keys().collect::<Vec<_>>(), [1, 2]);
    }
}
