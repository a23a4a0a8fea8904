//! Any one object of a backup is damaged, lost, swapped, or has a stranger beside it: everything
//! that does not need it comes back, nothing wrong does, and after a repair and a backup the check
//! finds nothing.
//!
//! Each case follows from its number. `script/damage-suite` runs 10,000 of them, and the
//! independent reader over 200.

mod case;
mod expected;
mod python;

use self::case::Case;
pub(crate) use self::case::Dice;
use self::expected::{Expected, restored};
use crate::fixture::{ListSink, ListSource};
use crate::{
    BackupOptions, Depth, MemoryStore, PruneOptions, RepairOptions, Repository, Retention,
    Unobserved,
};
use sealed_keys::{BackupKey, Header, OsRng, RepositoryId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

type Blobs = BTreeMap<String, Vec<u8>>;

/// How many cases, unless the environment asks for more.
fn cases(variable: &str, usual: u64) -> std::ops::Range<u64> {
    let asked = std::env::var(variable).ok().and_then(|n| n.parse().ok());
    0..asked.unwrap_or(usual)
}

/// Two computers' backups, some of them pruned.
struct World {
    key: BackupKey,
    sources: [ListSource; 2],
    blobs: Blobs,
    /// Of a backup under the same key, with the same content.
    stranger: Blobs,
}

impl World {
    fn new(seed: u8) -> Self {
        let key = BackupKey::generate(&mut OsRng);
        let mut sources = [ListSource::new(1), ListSource::new(2)];
        let blobs = written(&key, &mut sources, seed);
        let stranger = written(&key, &mut [ListSource::new(1), ListSource::new(2)], seed);
        Self { key, sources, blobs, stranger }
    }

    fn opened(&self, blobs: Blobs) -> (Arc<MemoryStore>, Repository) {
        let store = Arc::new(MemoryStore::default());
        store.reset(blobs);
        let repository =
            Repository::open_with_key(store.clone(), &self.key).expect("the key opens it");
        (store, repository)
    }
}

fn written(key: &BackupKey, sources: &mut [ListSource; 2], seed: u8) -> Blobs {
    let store = Arc::new(MemoryStore::default());
    let header = Header::create(RepositoryId::generate(&mut OsRng), 1, key);
    let repository = Repository::create(store.clone(), header, key).expect("an empty place");
    let people = [["alice", "bob"], ["carol", "dan"]];
    for round in 0..5u64 {
        for (number, source) in sources.iter_mut().enumerate() {
            for (n, chat) in people[number].iter().enumerate() {
                source.opening(chat, format!("this is {chat}").as_bytes());
                let some = 3 + (seed as usize + round as usize + n) % 5;
                (0..some)
                    .for_each(|i| source.record(chat, format!("{chat} {round} {i}").as_bytes()));
                source.media(&filled(
                    seed,
                    &[number as u8, round as u8, n as u8],
                    700 * (1 + n) + 9_000 * number,
                ));
            }
            back_up(&repository, source, 10 + round);
        }
        if round == 2 {
            let retention = Retention { last: 3, ..Retention::default() };
            let options = PruneOptions {
                retention,
                computer: "desk".into(),
                grace: Duration::ZERO,
                dry_run: false,
            };
            repository.prune(&options, &Unobserved).expect("nothing is damaged");
        }
    }
    store.snapshot()
}

/// Bytes that do not compress, the same for the same seed.
fn filled(seed: u8, of: &[u8], len: usize) -> Vec<u8> {
    let block = |n: u32| sealed_keys::digest(&[&[seed], of, &n.to_be_bytes()].concat());
    (0..len.div_ceil(32) as u32).flat_map(block).take(len).collect()
}

fn back_up(repository: &Repository, source: &ListSource, now: u64) {
    let options = BackupOptions::new("laptop", now);
    repository.backup(source, &options, &Unobserved).expect("a backup goes on whatever is damaged");
}

#[test]
fn whatever_single_object_is_damaged_the_rest_comes_back_and_a_repair_mends_it() {
    let range = cases("KEEPSAKE_DAMAGE_CASES", 300);
    let mut world = World::new(0);
    for number in range {
        if number.is_multiple_of(100) {
            world = World::new((number / 100) as u8);
        }
        let case = Case::new(number, &world);
        let expected = Expected::of(&world, &case.damaged);
        the_rest_comes_back(&world, &case, &expected);
        a_repair_mends_it(&world, &case, &expected);
    }
}

fn the_rest_comes_back(world: &World, case: &Case, expected: &Expected) {
    let (_, repository) = world.opened(case.damaged.clone());
    let (newest, sink) = restored(&repository);
    assert_eq!(newest, expected.newest, "{case}");
    assert!(sink.records == expected.records, "{case}: other records came back");
    assert!(sink.media == expected.media, "{case}: other media came back");
    for snapshot in repository.chain().expect("a list").snapshots {
        let mut sink = ListSink::default();
        repository
            .restore(&snapshot, &Default::default(), &mut sink, &Unobserved)
            .expect("what is whole comes back");
        assert!(
            sink.records.iter().all(|r| expected.everything.0.contains(r)),
            "{case}: a record that never was"
        );
    }
}

fn a_repair_mends_it(world: &World, case: &Case, expected: &Expected) {
    let (store, repository) = world.opened(case.damaged.clone());
    let before = repository.check(Depth::AllData, &Unobserved).expect("a list").problems;
    assert!(case.harmless == before.is_empty(), "{case}: {before:?}");
    let options = RepairOptions { computer: "(repair)".into(), now: 99, seen: None };
    repository.repair(&options, &Unobserved).expect("a repair");
    let repository = Repository::open_with_key(store, &world.key).expect("the key opens it");
    world.sources.iter().for_each(|source| back_up(&repository, source, 100));
    let after = repository.check(Depth::AllData, &Unobserved).expect("a list").problems;
    assert!(after.is_empty(), "{case}: {after:?}");
    let (_, sink) = restored(&repository);
    assert!(
        sink.records.is_superset(&expected.everything.0) && sink.media == expected.everything.1,
        "{case}"
    );
}
