//! What is to happen to each pack. Pure.

use crate::format::{IndexedPack, ObjectId, ObjectKind, PackId};
use crate::limits::PACK_TARGET;
use crate::objects::Index;
use crate::work::commit::COPIES;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A pack is rewritten when less than this part of it is still needed.
const WORTH_KEEPING: (u64, u64) = (2, 3);

/// Packs below a quarter of the target are gathered into full ones, when there are this many.
const SMALL_PACKS: usize = 8;

/// Everything that the remaining snapshots name, by kind.
pub(super) type Needed = HashMap<ObjectId, ObjectKind>;

#[derive(Default)]
pub(super) struct Plan {
    /// Numbers of packs, in the index, of which nothing is needed.
    pub dead: BTreeSet<usize>,
    /// Those that were given up, and have what is needed and nobody else has.
    pub again: BTreeSet<usize>,
    /// Those of which something is needed, but too little.
    pub rewrite: BTreeSet<usize>,
    /// Segments and media pieces to be moved, with their sealed lengths.
    pub moves: Vec<(ObjectKind, ObjectId, u32)>,
    /// Objects with second copies, and how many copies are lacking in the packs that stay.
    pub lacking: BTreeMap<(u8, ObjectId), Lacking>,
}

/// An object of a kind that lies in more than one pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lacking {
    pub kind: ObjectKind,
    pub copies: usize,
}

impl Plan {
    pub(super) fn of(index: &Index, needed: &Needed) -> Self {
        let mut plan = Self::default();
        let mut small = Vec::new();
        for (number, pack) in index.packs.iter().enumerate() {
            let live = live_bytes(index, number, needed);
            if index.goes(number) {
                if has_the_only(index, number, needed) {
                    plan.again.insert(number);
                }
            } else if live == 0 {
                plan.dead.insert(number);
            } else if has_forgotten(pack, needed)
                || live * WORTH_KEEPING.1 < u64::from(pack.len) * WORTH_KEEPING.0
            {
                plan.rewrite.insert(number);
            } else if (pack.len as usize) < PACK_TARGET / 4 {
                small.push(number);
            }
        }
        if small.len() >= SMALL_PACKS {
            plan.rewrite.extend(small);
        }
        for number in &plan.rewrite {
            plan.moves.extend(moved(index, *number, needed));
        }
        plan.lacking = plan.lacking(index, needed);
        plan
    }

    /// Packs that stay as they are.
    pub(super) fn stay<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = &'a IndexedPack> {
        let goes = |number: &usize| {
            let given_up = index.goes(*number) && !self.again.contains(number);
            given_up || self.dead.contains(number) || self.rewrite.contains(number)
        };
        index.packs.iter().enumerate().filter(move |(n, _)| !goes(n)).map(|(_, pack)| pack)
    }

    fn lacking(&self, index: &Index, needed: &Needed) -> BTreeMap<(u8, ObjectId), Lacking> {
        let stay: HashSet<PackId> = self.stay(index).map(|p| p.id).collect();
        let copies = |id: &ObjectId| {
            let packs: HashSet<u32> = index.places(id).map(|p| p.pack).collect();
            packs.into_iter().filter(|p| stay.contains(&index.packs[*p as usize].id)).count()
        };
        let wanted = needed.iter().filter(|(_, kind)| has_copies(**kind));
        let lacking = wanted.filter_map(|(id, kind)| {
            let most = if *kind == ObjectKind::Catalog { COPIES } else { 1 };
            let copies = most.saturating_sub(copies(id));
            (copies > 0).then_some(((kind.byte(), *id), Lacking { kind: *kind, copies }))
        });
        lacking.collect()
    }
}

/// Those of these catalogs that lie in fewer packs than they should, and at least in one.
pub(crate) fn second_copies_lacking(
    index: &Index,
    catalogs: impl Iterator<Item = ObjectId>,
) -> BTreeSet<ObjectId> {
    catalogs.filter(|id| (1..COPIES).contains(&index.copies(id))).collect()
}

/// Whether a pack has content that no remaining snapshot names. Snapshots only add content, but for
/// those that somebody wanted to be without it: then it must not stay because its neighbours do.
fn has_forgotten(pack: &IndexedPack, needed: &Needed) -> bool {
    pack.entries.iter().any(|e| !has_copies(e.kind) && !needed.contains_key(&e.id))
}

/// Kinds that are written to several packs on purpose, or that only stand in for a file.
fn has_copies(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Catalog | ObjectKind::Snapshot | ObjectKind::Header)
}

fn live_bytes(index: &Index, number: usize, needed: &Needed) -> u64 {
    let live = |id: &ObjectId| match needed.get(id) {
        Some(kind) if has_copies(*kind) => true,
        // The same object may be in two packs after an interrupted prune: only the one that is read
        // counts.
        Some(_) => index.locate(id).is_some_and(|l| l.pack as usize == number),
        None => false,
    };
    index.packs[number].entries.iter().filter(|e| live(&e.id)).map(|e| u64::from(e.len)).sum()
}

/// Whether a pack has content that is needed and that is read from it.
fn has_the_only(index: &Index, number: usize, needed: &Needed) -> bool {
    index.packs[number].entries.iter().any(|e| {
        !has_copies(e.kind)
            && needed.contains_key(&e.id)
            && index.locate(&e.id).is_some_and(|l| l.pack as usize == number)
    })
}

fn moved<'a>(
    index: &'a Index,
    number: usize,
    needed: &'a Needed,
) -> impl Iterator<Item = (ObjectKind, ObjectId, u32)> + 'a {
    let here = move |id: &ObjectId| index.locate(id).is_some_and(|l| l.pack as usize == number);
    let entries = index.packs[number].entries.iter();
    entries
        .filter(move |e| needed.contains_key(&e.id) && !has_copies(e.kind) && here(&e.id))
        .map(|e| (e.kind, e.id, e.len))
}
