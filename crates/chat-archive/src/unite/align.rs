//! Which message of one thread is which of another, by what was said. Pure.
//!
//! The threads may come from other phones: times moved by a constant (or by a few, where summer
//! time differs), other names for the same people, words edited, messages taken back, files left
//! out, what the messenger says in another language.

use std::collections::{HashMap, HashSet};

use super::item::{Item, SLACK};
use super::people;

/// How two threads fit together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Alignment {
    /// Pairs of places in the two threads, ascending in the first.
    pub pairs: Vec<(usize, usize)>,
    /// Of these, those with the same words.
    pub exact: usize,
    /// Messages of the first within the time of the second, and of the second within the first.
    pub comparable: (usize, usize),
    /// From the second's clock to the first's, most common first, ms.
    pub shifts: Vec<i64>,
    /// Who of the second is who of the first.
    pub people: HashMap<i64, i64>,
    /// How many people have messages with the same words.
    pub speakers: usize,
}

/// Zones differ by multiples of a quarter of an hour, at most by 26 hours.
const QUARTER: i64 = 15 * 60_000;
const MAX_SHIFT: i64 = 26 * 60 * 60_000;
/// Words said more often than this vote for no shift: "ok" is everywhere.
const MAX_REPEATS: usize = 24;
/// Zones with other rules for summer time give two shifts; a move within the chat, some more.
const MAX_SHIFTS: usize = 4;

/// Aligns two threads, each in the order of its export.
pub(crate) fn align(first: &[Item], second: &[Item]) -> Alignment {
    let shifts = shifts(first, second);
    let Some(main) = shifts.first().copied() else { return Alignment::default() };
    let mut taken = vec![false; second.len()];
    let mut pairs = exact_pairs(first, second, &shifts, &mut taken);
    let mut people = people::known(first, second, &pairs);
    let speakers = people.len();
    // Who is not who they should be is no pair: two people said "ok" in one minute.
    pairs.retain(|(a, b)| people::same(&people, first[*a].sender, second[*b].sender));
    let exact = pairs.len();
    let same_minute = |at: i64| shifts.iter().map(|shift| at - shift / SLACK).collect();
    people::add_silent(first, second, &pairs, &same_minute, &mut people);
    soft_pairs(first, second, &shifts, &people, &mut pairs);
    pairs.sort_unstable();
    let comparable = (within(first, second, -main), within(second, first, main));
    Alignment { pairs, exact, comparable, shifts, people, speakers }
}

/// The moves of the clock that equal words vote for.
fn shifts(first: &[Item], second: &[Item]) -> Vec<i64> {
    let by_hash = by_hash(first);
    let mut votes: HashMap<i64, HashSet<u64>> = HashMap::new();
    for item in second.iter().filter(|i| i.hash != 0) {
        let Some(places) = by_hash.get(&item.hash).filter(|p| p.len() <= MAX_REPEATS) else {
            continue;
        };
        for place in places {
            if let Some(shift) = shift_between(first[*place].ms - item.ms) {
                // A word that is said often votes once for each shift.
                votes.entry(shift).or_default().insert(item.hash);
            }
        }
    }
    let mut ranked: Vec<(usize, i64)> =
        votes.into_iter().map(|(shift, words)| (words.len(), shift)).collect();
    ranked.sort_by_key(|(n, shift)| (std::cmp::Reverse(*n), shift.abs(), *shift));
    let Some((most, main)) = ranked.first().copied() else { return Vec::new() };
    let is_near = |(n, shift): &&(usize, i64)| {
        *n * 50 >= most && *n >= 3 && (shift - main).abs() <= 3 * 60 * 60_000
    };
    let mut shifts = vec![main];
    shifts.extend(ranked[1..].iter().filter(is_near).map(|(_, shift)| *shift).take(MAX_SHIFTS - 1));
    shifts
}

/// A difference of times as a shift of zones, if it is near one.
fn shift_between(difference: i64) -> Option<i64> {
    let shift = (difference + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    ((difference - shift).abs() < SLACK && shift.abs() <= MAX_SHIFT).then_some(shift)
}

fn by_hash(items: &[Item]) -> HashMap<u64, Vec<usize>> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, item) in items.iter().enumerate().filter(|(_, i)| i.hash != 0) {
        places.entry(item.hash).or_default().push(at);
    }
    places
}

/// The same words at the same time, each once, in order.
fn exact_pairs(
    first: &[Item],
    second: &[Item],
    shifts: &[i64],
    taken: &mut [bool],
) -> Vec<(usize, usize)> {
    let places = by_hash(second);
    let mut next: HashMap<u64, usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (a, item) in first.iter().enumerate().filter(|(_, i)| i.hash != 0) {
        let Some(candidates) = places.get(&item.hash) else { continue };
        let from = next.entry(item.hash).or_default();
        let fits =
            |b: &usize| shifts.iter().any(|shift| (item.ms - second[*b].ms - shift).abs() < SLACK);
        // What is a day behind will not come any more.
        while *from < candidates.len() && second[candidates[*from]].ms < item.ms - 2 * MAX_SHIFT {
            *from += 1;
        }
        let near =
            candidates[*from..].iter().take_while(|b| second[**b].ms <= item.ms + 2 * MAX_SHIFT);
        if let Some(b) = near.copied().find(|b| !taken[*b] && fits(b)) {
            taken[b] = true;
            pairs.push((a, b));
        }
    }
    pairs
}

/// What reads otherwise, by the same person in the same minute, in order.
fn soft_pairs(
    first: &[Item],
    second: &[Item],
    shifts: &[i64],
    people: &HashMap<i64, i64>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let in_first: HashSet<usize> = pairs.iter().map(|(a, _)| *a).collect();
    let in_second: HashSet<usize> = pairs.iter().map(|(_, b)| *b).collect();
    let mut waiting: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for (b, item) in second.iter().enumerate().rev().filter(|(b, _)| !in_second.contains(b)) {
        if let Some(person) = item.sender.and_then(|y| people.get(&y)) {
            waiting.entry((*person, item.minute())).or_default().push(b);
        }
    }
    for (a, item) in
        first.iter().enumerate().filter(|(a, i)| !in_first.contains(a) && i.sender.is_some())
    {
        for shift in shifts {
            let key = (item.sender.unwrap_or_default(), item.minute() - shift / SLACK);
            let Some(candidates) = waiting.get_mut(&key) else { continue };
            let Some(at) = candidates.iter().rposition(|b| item.soft || second[*b].soft) else {
                continue;
            };
            pairs.push((a, candidates.remove(at)));
            break;
        }
    }
}

/// How many of `items` lie within the time of `other`, whose clock is `shift` behind.
fn within(items: &[Item], other: &[Item], shift: i64) -> usize {
    // Whole minutes: one of the two may know no more.
    let minute = |ms: i64| ms.div_euclid(SLACK);
    let times = || other.iter().filter(|i| i.sender.is_some()).map(|i| minute(i.ms));
    let (Some(from), Some(to)) = (times().min(), times().max()) else { return 0 };
    items
        .iter()
        .filter(|i| i.sender.is_some() && (from..=to).contains(&minute(i.ms + shift)))
        .count()
}

impl Alignment {
    /// The share of messages that could be the same and are, in thousandths: of the thread in
    /// which it is less.
    pub(crate) fn likeness(&self) -> usize {
        let spoken = self.pairs.len();
        let of =
            |comparable: usize| (spoken * 1_000).checked_div(comparable).unwrap_or(0).min(1_000);
        of(self.comparable.0).min(of(self.comparable.1))
    }

    /// Whether this can be nothing but the same chat. Two chats hold the same messages of one
    /// person where that person wrote to many at once, so a second voice is needed, or the same
    /// name of the chat.
    pub(crate) fn is_certain(&self, same_title: bool) -> bool {
        let heard = self.speakers >= 2 || same_title;
        let whole = self.exact >= 3 && self.likeness() == 1_000;
        let much = self.exact >= 20 && self.likeness() >= 900;
        // All that one has of the time is in the other too, at the same moment.
        let part = self.pairs.len() >= self.comparable.0.min(self.comparable.1);
        let contained = same_title && part && self.exact >= 3 && self.shifts.first() == Some(&0);
        heard && (whole || much) || contained
    }

    /// Whether it may be the same chat, so that the owner should be asked.
    pub(crate) fn is_likely(&self) -> bool {
        self.exact >= 2 && self.likeness() >= 500
    }
}

/// Hash of words for comparing: the same for what differs only in blanks and in marks without
/// width. 0 for none. (FNV-1a, 64 bits: what collides is looked at again with its time.)
pub(crate) fn hash_words(words: &str) -> u64 {
    let is_mark = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
            || c == '\u{feff}'
    };
    if words.is_ascii() {
        return hash_ascii(words.as_bytes());
    }
    let mut hash = FNV_START;
    let mut any = false;
    for word in words.split_whitespace() {
        for c in word.chars().filter(|c| !is_mark(*c)) {
            any = true;
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                hash = fnv(hash, byte);
            }
        }
        hash = fnv(hash, b' ');
    }
    if any { hash.max(1) } else { 0 }
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

/// The same for most texts, without looking for letters of several bytes.
fn hash_ascii(words: &[u8]) -> u64 {
    let mut hash = FNV_START;
    let (mut any, mut within) = (false, false);
    for byte in words {
        let is_blank = matches!(byte, b'\t'..=b'\r' | b' ');
        if !is_blank {
            hash = fnv(hash, *byte);
            any = true;
        } else if within {
            hash = fnv(hash, b' ');
        }
        within = !is_blank;
    }
    if within {
        hash = fnv(hash, b' ');
    }
    if any { hash.max(1) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn blanks_and_marks_do_not_count_whatever_the_letters() {
        for (a, b) in [("on my way", " on\tmy\u{b}\n way "), ("", " \r\n"), ("x", "x ")] {
            assert_eq!(hash_words(a), hash_words(b), "{a:?}");
            // A mark without width makes it no plain ASCII, and is passed over.
            assert_eq!(hash_words(a), hash_words(&format!("{a}\u{200b}")), "{a:?}");
        }
        assert_ne!(hash_words("on my way"), hash_words("onmy way"));
    }

    fn thread(lines: &[(i64, i64, &str)]) -> Vec<Item> {
        let item = |(at, (minute, sender, text)): (usize, &(i64, i64, &str))| Item {
            id: at as i64,
            ms: minute * MINUTE,
            hash: hash_words(text),
            sender: Some(*sender),
            soft: text.is_empty(),
        };
        lines.iter().enumerate().map(item).collect()
    }

    #[test]
    fn a_chat_in_another_zone_with_other_names_is_the_same() {
        let here = thread(&[(600, 1, "hi"), (601, 2, "yo"), (602, 1, "ok"), (602, 1, "ok")]);
        let there = thread(&[(240, 7, "hi"), (241, 8, "yo"), (242, 7, "ok"), (242, 7, "ok")]);
        let found = align(&here, &there);
        assert_eq!(found.pairs, [(0, 0), (1, 1), (2, 2), (3, 3)]);
        assert_eq!(found.shifts, [6 * 60 * MINUTE]);
        assert_eq!(found.people, HashMap::from([(7, 1), (8, 2)]));
        assert!(found.is_certain(false));
    }

    #[test]
    fn one_voice_that_wrote_to_many_is_not_enough() {
        let ann = thread(&[(600, 1, "party!"), (601, 1, "at mine"), (602, 1, "bring cake")]);
        let ben = thread(&[(600, 4, "party!"), (601, 4, "at mine"), (602, 4, "bring cake")]);
        let found = align(&ann, &ben);
        assert!(!found.is_certain(false) && found.is_likely());
    }

    #[test]
    fn two_chats_with_nothing_in_common_are_two() {
        let one = thread(&[(600, 1, "dinner?"), (601, 2, "ok")]);
        let other = thread(&[(2_040, 1, "your invoice"), (2_041, 2, "thanks")]);
        assert_eq!(align(&one, &other), Alignment::default());
    }

    #[test]
    fn what_was_edited_or_left_out_is_paired_by_its_minute() {
        let before =
            thread(&[(600, 1, "helo"), (601, 2, "hi there"), (602, 1, ""), (603, 2, "bye now")]);
        let mut after = thread(&[
            (600, 1, "hello"),
            (601, 2, "hi there"),
            (602, 1, "a caption"),
            (603, 2, "bye now"),
        ]);
        after[0].soft = true;
        let found = align(&before, &after);
        // Whoever has not one message in common is known by being the only one left.
        assert_eq!((found.pairs.len(), found.exact, found.speakers), (4, 2, 1));
        after.push(Item {
            id: 9,
            ms: 604 * MINUTE,
            hash: hash_words("x"),
            sender: Some(1),
            soft: false,
        });
        let mut more = before.clone();
        more.push(Item {
            id: 9,
            ms: 604 * MINUTE,
            hash: hash_words("x"),
            sender: Some(1),
            soft: false,
        });
        let found = align(&more, &after);
        assert_eq!((found.pairs.len(), found.exact), (5, 3));
    }
}
