//! Who is the same person as whom, and what they are called. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::Handle;

/// Pairs that the owner said are one person.
pub(super) type Pairs = BTreeSet<(Handle, Handle)>;

/// A name that the owner gave, or took back, and when.
pub(super) type Given = BTreeMap<Handle, (i64, Option<String>)>;

/// How often a handle goes by a name: name, chats.
pub(super) type Names = BTreeMap<Handle, BTreeMap<String, u64>>;

/// People who are known by more than one handle.
pub(super) fn groups(pairs: &Pairs) -> Vec<BTreeSet<Handle>> {
    let mut groups: Vec<BTreeSet<Handle>> = Vec::new();
    for (a, b) in pairs {
        let mut joined = BTreeSet::from([a.clone(), b.clone()]);
        groups.retain_mut(|group| {
            let meets = group.contains(a) || group.contains(b);
            if meets {
                joined.append(group);
            }
            !meets
        });
        groups.push(joined);
    }
    groups
}

/// The people that are left when one handle of a person goes, as the pairs that hold them together:
/// those that only that handle joined are joined in its place.
pub(super) fn without(
    group: &BTreeSet<Handle>,
    pairs: &Pairs,
    gone: &Handle,
) -> Vec<(Handle, Handle)> {
    let rest: Pairs = pairs.iter().filter(|(a, b)| a != gone && b != gone).cloned().collect();
    let joined = groups(&rest);
    let mut parts: Vec<&Handle> =
        joined.iter().filter_map(|part| part.iter().find(|h| group.contains(*h))).collect();
    let alone = group.iter().filter(|h| *h != gone && !joined.iter().any(|part| part.contains(*h)));
    parts.extend(alone);
    parts.sort();
    parts.windows(2).map(|two| (two[0].clone(), two[1].clone())).collect()
}

/// The name that the owner gave one of a person's handles last; `None` if that was taken back.
pub(super) fn given_name(handles: &BTreeSet<Handle>, given: &Given) -> Option<String> {
    handles.iter().filter_map(|handle| given.get(handle)).max().and_then(|(_, name)| name.clone())
}

/// The best name of a person whom the owner gave none: one with letters before a number, then that
/// of the most chats.
pub(super) fn best_name(handles: &BTreeSet<Handle>, names: &Names) -> Option<String> {
    let all = handles.iter().filter_map(|handle| names.get(handle)).flatten();
    let mut chats: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, n) in all.filter(|(name, _)| !name.is_empty()) {
        *chats.entry(name).or_default() += n;
    }
    let is_name = |name: &str| name.chars().any(char::is_alphabetic);
    let best =
        chats.into_iter().max_by_key(|(name, n)| (is_name(name), *n, std::cmp::Reverse(*name)));
    best.map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    fn h(key: &str) -> Handle {
        Handle { source: Source::Signal, key: key.into() }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Pairs {
        pairs.iter().map(|(a, b)| (h(a), h(b))).collect()
    }

    fn set(keys: &[&str]) -> BTreeSet<Handle> {
        keys.iter().map(|key| h(key)).collect()
    }

    #[test]
    fn pairs_join_people_in_any_order() {
        let found = groups(&pairs(&[("a", "b"), ("c", "d"), ("b", "c"), ("x", "y")]));
        assert_eq!(found, [set(&["a", "b", "c", "d"]), set(&["x", "y"])]);
    }

    #[test]
    fn who_goes_takes_nobody_along() {
        let all = pairs(&[("a", "b"), ("b", "c"), ("c", "d"), ("b", "e")]);
        let group = groups(&all).remove(0);
        let new = without(&group, &all, &h("b"));
        let left: Pairs =
            all.into_iter().filter(|(a, b)| a != &h("b") && b != &h("b")).chain(new).collect();
        assert_eq!(groups(&left), [set(&["a", "c", "d", "e"])]);
        assert_eq!(without(&set(&["a", "b"]), &pairs(&[("a", "b")]), &h("a")), []);
    }

    #[test]
    fn others_are_not_drawn_in_when_somebody_goes() {
        let all = pairs(&[("a", "b"), ("a", "c"), ("x", "y")]);
        assert_eq!(without(&set(&["a", "b", "c"]), &all, &h("a")), [(h("b"), h("c"))]);
    }

    #[test]
    fn the_name_given_last_holds_until_it_is_taken_back() {
        let given = |all: &[(&str, i64, Option<&str>)]| -> Given {
            all.iter().map(|(key, at, name)| (h(key), (*at, name.map(str::to_owned)))).collect()
        };
        let of = |all: &[_]| given_name(&set(&["a", "b"]), &given(all));
        assert_eq!(
            of(&[("a", 1, Some("Nele")), ("b", 2, Some("Mum")), ("z", 9, Some("other"))]),
            Some("Mum".into())
        );
        assert_eq!(of(&[("a", 1, Some("Nele")), ("b", 2, None)]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_name_is_better_than_a_number() {
        let names = Names::from([
            (h("a"), BTreeMap::from([("+49 170 1".to_owned(), 9)])),
            (
                h("b"),
                BTreeMap::from([
                    ("~Nele".to_owned(), 1),
                    ("Nele".to_owned(), 2),
                    (String::new(), 7),
                ]),
            ),
        ]);
        assert_eq!(best_name(&set(&["a", "b"]), &names).as_deref(), Some("Nele"));
        assert_eq!(best_name(&set(&["a"]), &names).as_deref(), Some("+49 170 1"));
        assert_eq!(best_name(&set(&["c"]), &names), None);
    }
}
