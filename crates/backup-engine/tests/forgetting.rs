//! A chat that its owner wants gone from the backup.
#![allow(clippy::unwrap_used)]

mod support;

use backup_engine::{
    BackupError, Depth, ForgetOptions, ForgetReport, Repository, Retention, Store, Unobserved,
};
use std::collections::HashSet;
use support::*;

fn options(streams: &[&str]) -> ForgetOptions {
    let streams = streams.iter().map(|s| s.as_bytes().to_vec()).collect();
    ForgetOptions { streams, computer: "laptop".into(), now: 9, ..ForgetOptions::default() }
}

fn bytes_of(store: &dyn Store) -> u64 {
    store.list("packs").unwrap().iter().map(|file| file.len).sum()
}

#[test]
fn what_is_forgotten_is_in_earlier_snapshots_until_a_prune_frees_it() {
    let mut kit = kit();
    let photo = kit.source.media(&noise(3_000_000));
    kit.source.opening("alice", b"who alice is");
    kit.source.record("alice", b"the last one");
    back_up(&kit.repository, &kit.source, 1).unwrap();
    let before = restore_latest(&kit.repository);
    let wanted = ForgetOptions { media: HashSet::from([photo]), ..options(&["alice"]) };
    let report = kit.repository.forget(&wanted, &Unobserved).unwrap();
    let expected = ForgetReport { sequence: 2, records: 1001, media: 1, earlier: vec![1] };
    assert_eq!(report, expected);

    let after = restore_latest(&kit.repository);
    assert!(records(&after, "alice").is_empty() && !after.media.contains_key(&photo));
    assert_eq!(records(&after, "bob"), records(&before, "bob"));
    assert_eq!(after.media.len() + 1, before.media.len());
    assert_eq!(restore(&kit.repository, 1).records, before.records, "as it was");

    let stored = bytes_of(kit.store.as_ref());
    prune(&kit.repository, Retention { last: 1, ..Retention::default() }).unwrap();
    assert!(bytes_of(kit.store.as_ref()) + 3_000_000 < stored);
    assert_eq!(restore_latest(&kit.repository).records, after.records);
    assert!(kit.repository.check(Depth::AllData, &Unobserved).unwrap().problems.is_empty());
}

#[test]
fn what_comes_after_it_is_backed_up_as_ever() {
    let mut kit = kit();
    back_up(&kit.repository, &kit.source, 1).unwrap();
    kit.repository.forget(&options(&["alice"]), &Unobserved).unwrap();
    assert!(
        back_up(&kit.repository, &kit.source, 2).unwrap().unchanged,
        "it does not come back by itself"
    );
    kit.source.record("bob", b"one more");
    assert_eq!(back_up(&kit.repository, &kit.source, 3).unwrap().records, 1);
    let now = restore_latest(&kit.repository);
    assert_eq!((records(&now, "alice").len(), records(&now, "bob").len()), (0, 1001));
}

#[test]
fn there_may_be_nothing_to_forget() {
    let kit = kit();
    assert_eq!(
        kit.repository.forget(&options(&["alice"]), &Unobserved).unwrap(),
        ForgetReport::default()
    );
    back_up(&kit.repository, &kit.source, 1).unwrap();
    let before = kit.store.snapshot();
    let report = kit.repository.forget(&options(&["nobody"]), &Unobserved).unwrap();
    assert_eq!(report, ForgetReport { sequence: 1, ..ForgetReport::default() });
    assert_eq!(kit.store.snapshot(), before);
}

#[test]
fn nothing_is_forgotten_where_not_everything_that_stays_can_be_named() {
    let kit = kit();
    back_up(&kit.repository, &kit.source, 1).unwrap();
    let mut blobs = kit.store.snapshot();
    // Every pack ends early: no catalog is left.
    blobs
        .iter_mut()
        .filter(|(path, _)| path.starts_with("packs/"))
        .for_each(|(_, bytes)| bytes.truncate(200));
    kit.store.reset(blobs.clone());
    let repository = Repository::open_with_key(kit.store.clone(), &kit.key).unwrap();
    let refusal = repository.forget(&options(&["alice"]), &Unobserved).unwrap_err();
    assert!(
        matches!(refusal, BackupError::Damaged { .. } | BackupError::Missing { .. }),
        "{refusal}"
    );
    assert_eq!(kit.store.list("snapshots").unwrap().len(), 1);
}
