//! Who of one thread is who of another. Pure.

use std::collections::{HashMap, HashSet};

use super::item::Item;

/// Votes for a person of the second thread being one of the first.
type Votes = HashMap<(i64, i64), usize>;

/// By the most messages with the same words, each person once: who of the second is who of the
/// first.
pub(super) fn known(
    first: &[Item],
    second: &[Item],
    pairs: &[(usize, usize)],
) -> HashMap<i64, i64> {
    let mut votes = Votes::new();
    for (a, b) in pairs {
        if let (Some(x), Some(y)) = (first[*a].sender, second[*b].sender) {
            *votes.entry((y, x)).or_default() += 1;
        }
    }
    let mut people = HashMap::new();
    elect(votes, &mut people);
    people
}

/// Adds people of whom every message in common was edited or taken back: where one unknown person
/// spoke in a minute on either side, they are the same.
pub(super) fn add_silent(
    first: &[Item],
    second: &[Item],
    pairs: &[(usize, usize)],
    same_minute: &dyn Fn(i64) -> Vec<i64>,
    people: &mut HashMap<i64, i64>,
) {
    let of_first: HashSet<i64> = people.values().copied().collect();
    let ours = alone(first, &pairs.iter().map(|(a, _)| *a).collect(), &|x| of_first.contains(&x));
    let theirs =
        alone(second, &pairs.iter().map(|(_, b)| *b).collect(), &|y| people.contains_key(&y));
    let mut votes = Votes::new();
    for (minute, (x, soft)) in &ours {
        for (y, also_soft) in same_minute(*minute).iter().filter_map(|minute| theirs.get(minute)) {
            if *soft || *also_soft {
                *votes.entry((*y, *x)).or_default() += 1;
            }
        }
    }
    elect(votes, people);
}

/// Minutes in which one unknown person alone said something that has no pair yet: who, and whether
/// any of it may read otherwise elsewhere.
fn alone(
    items: &[Item],
    paired: &HashSet<usize>,
    is_known: &dyn Fn(i64) -> bool,
) -> HashMap<i64, (i64, bool)> {
    let mut found: HashMap<i64, (i64, bool)> = HashMap::new();
    let mut crowded = HashSet::new();
    for (_, item) in items.iter().enumerate().filter(|(at, _)| !paired.contains(at)) {
        let Some(sender) = item.sender.filter(|sender| !is_known(*sender)) else { continue };
        let (who, soft) = found.entry(item.minute()).or_insert((sender, false));
        *soft |= item.soft;
        if *who != sender {
            crowded.insert(item.minute());
        }
    }
    found.retain(|minute, _| !crowded.contains(minute));
    found
}

fn elect(votes: Votes, people: &mut HashMap<i64, i64>) {
    let mut ranked: Vec<((i64, i64), usize)> = votes.into_iter().collect();
    ranked.sort_by_key(|(who, n)| (std::cmp::Reverse(*n), *who));
    let mut used: HashSet<i64> = people.values().copied().collect();
    for ((y, x), _) in ranked {
        if !people.contains_key(&y) && used.insert(x) {
            people.insert(y, x);
        }
    }
}

/// Whether two messages are by one person, or both by the messenger itself.
pub(super) fn same(people: &HashMap<i64, i64>, first: Option<i64>, second: Option<i64>) -> bool {
    match (first, second) {
        (Some(x), Some(y)) => people.get(&y) == Some(&x),
        (None, None) => true,
        _ => false,
    }
}
