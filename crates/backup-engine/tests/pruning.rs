//! What a prune leaves, and what happens beside it.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::fixture::{ListSink, ListSource};
use backup_engine::{
    BackupError, Because, Depth, MediaHash, MemoryStore, PruneOptions, Repository, RestoreOptions,
    Retention, Sink, SourceError, Store, Unobserved,
};
use sealed_keys::{BackupKey, OsRng};
use std::io::Read;
use std::sync::Arc;
use support::*;

const DAY: u64 = 86_400;

/// One backup a day.
fn daily(days: u64) -> (Arc<MemoryStore>, Repository, ListSource) {
    let store = Arc::new(MemoryStore::default());
    let repository = create(store.clone(), &BackupKey::generate(&mut OsRng));
    let mut source = ListSource::new(1);
    for day in 0..days {
        source.record("alice", format!("day {day}").as_bytes());
        source.media(&noise(40_000));
        back_up(&repository, &source, day * DAY).unwrap();
    }
    (store, repository, source)
}

fn history(repository: &Repository) -> Vec<(u64, u64)> {
    repository
        .snapshots()
        .unwrap()
        .iter()
        .map(|s| (s.created() / DAY, s.totals().records))
        .collect()
}

#[test]
fn pruning_again_and_again_takes_nothing_more() {
    let (store, repository, mut source) = daily(12);
    let retention = Retention { last: 5, ..Retention::default() };
    let first = prune(&repository, retention).unwrap();
    assert_eq!(first.dropped.len(), 7);
    let expected: Vec<(u64, u64)> = (7..12).map(|day| (day, day + 1)).collect();
    for _ in 0..12 {
        assert_eq!(history(&repository), expected, "the five newest days, each once");
        let before = store.snapshot();
        assert!(prune(&repository, retention).unwrap().dropped.is_empty());
        assert_eq!(store.snapshot(), before, "nothing to do writes nothing");
    }
    source.record("alice", b"day 12");
    back_up(&repository, &source, 12 * DAY).unwrap();
    prune(&repository, retention).unwrap();
    assert_eq!(history(&repository), (8..13).map(|day| (day, day + 1)).collect::<Vec<_>>());
    assert!(repository.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let (store, repository, _) = daily(9);
    let retention = Retention { last: 2, weekly: 2, ..Retention::default() };
    let before = store.snapshot();
    let options = PruneOptions { retention, dry_run: true, ..prune_all() };
    let said = repository.prune(&options, &Unobserved).unwrap();
    assert_eq!(store.snapshot(), before);
    let done = prune(&repository, retention).unwrap();
    assert_eq!((said.kept.clone(), said.dropped), (done.kept, done.dropped));
    assert_eq!(said.kept.last().unwrap().1, [Because::Last, Because::Weekly]);
}

/// Prunes while it is given the first record.
struct PrunesMeanwhile<'a> {
    repository: &'a Repository,
    retention: Option<Retention>,
    sink: ListSink,
}

impl Sink for PrunesMeanwhile<'_> {
    fn record(&mut self, stream: &[u8], bytes: &[u8]) -> Result<(), SourceError> {
        if let Some(retention) = self.retention.take() {
            prune(self.repository, retention)?;
        }
        self.sink.record(stream, bytes)
    }

    fn has_media(&mut self, hash: &MediaHash) -> Result<bool, SourceError> {
        self.sink.has_media(hash)
    }

    fn media(
        &mut self,
        hash: &MediaHash,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), SourceError> {
        self.sink.media(hash, size, content)
    }
}

#[test]
fn a_restore_beside_a_prune_sees_no_damage() {
    let (_, repository, _) = daily(30);
    let retention = Some(Retention { last: 2, ..Retention::default() });
    let snapshot = repository.latest().unwrap().unwrap();
    let mut sink =
        PrunesMeanwhile { repository: &repository, retention, sink: ListSink::default() };
    let report =
        repository.restore(&snapshot, &RestoreOptions::default(), &mut sink, &Unobserved).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((report.records, report.media), (30, 30));
}

#[test]
fn a_prune_of_a_damaged_backup_removes_nothing() {
    let (store, repository, _) = daily(5);
    let lost = store.list("packs").unwrap().into_iter().max_by_key(|f| f.len).unwrap().name;
    store.delete(&format!("packs/{lost}")).unwrap();
    let before = store.snapshot();
    let refused = prune(&repository, Retention { last: 5, ..Retention::default() });
    assert!(matches!(refused, Err(BackupError::Missing { .. })), "{refused:?}");
    assert_eq!(store.snapshot(), before);
}
