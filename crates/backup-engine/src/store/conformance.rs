//! What every store must do; an adapter's tests call [`check`] on an empty one.

use super::{Store, StoreEntry, StoreError};

/// Panics with the first difference. The store must be empty, and is not afterwards.
pub fn check(store: &dyn Store) {
    only_one_new_blob_wins(store);
    store.delete("snapshots/0001").expect("delete");
    check_without_races(store);
}

/// As [`check`], for a service that cannot write conditionally: of several that write one new blob
/// at the same moment more than one may be told that it won. The engine does not rest on it.
pub fn check_without_races(store: &dyn Store) {
    an_empty_store_has_nothing(store);
    what_was_put_comes_back(store);
    a_new_blob_replaces_nothing(store);
    ranges_end_where_the_blob_ends(store);
    limits_hold_before_reading(store);
    lists_are_by_folder_and_name(store);
    deleted_is_gone(store);
    odd_paths_are_refused(store);
    assert_eq!(store.sweep().expect("sweep"), 0, "nothing was interrupted");
}

fn an_empty_store_has_nothing(store: &dyn Store) {
    assert!(matches!(store.get("packs/00", 10), Err(StoreError::NotFound(_))));
    assert!(matches!(store.get_range("packs/00", 0, 1), Err(StoreError::NotFound(_))));
    assert!(matches!(store.delete("packs/00"), Err(StoreError::NotFound(_))));
    assert!(!store.exists("packs/00").expect("exists"));
    assert!(store.list("packs").expect("list").is_empty());
}

fn what_was_put_comes_back(store: &dyn Store) {
    store.put("keepsake.json", b"first").expect("put");
    store.put("keepsake.json", b"second").expect("replace");
    assert_eq!(store.get("keepsake.json", 100).expect("get"), b"second");
    store.put("packs/empty", b"").expect("put nothing");
    assert!(store.get("packs/empty", 0).expect("get nothing").is_empty());
    store.delete("packs/empty").expect("delete");
}

fn only_one_new_blob_wins(store: &dyn Store) {
    let wins = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8u8)
            .map(|i| scope.spawn(move || store.put_new("snapshots/0001", &[i; 1000])))
            .collect();
        racers.into_iter().filter_map(|r| r.join().expect("no panic").ok()).count()
    });
    assert_eq!(wins, 1);
    let winner = store.get("snapshots/0001", 1000).expect("get");
    assert!(winner.len() == 1000 && winner.iter().all(|b| *b == winner[0]), "a mixture of two");
}

fn a_new_blob_replaces_nothing(store: &dyn Store) {
    store.put_new("snapshots/0001", b"first").expect("put new");
    assert!(matches!(store.put_new("snapshots/0001", b"late"), Err(StoreError::AlreadyExists(_))));
    assert_eq!(store.get("snapshots/0001", 1000).expect("get"), b"first");
}

fn ranges_end_where_the_blob_ends(store: &dyn Store) {
    store.put_new("packs/aa", b"0123456789").expect("put");
    let cases: [(u64, usize, &[u8]); 6] = [
        (0, 3, b"012"),
        (7, 3, b"789"),
        (7, 9, b"789"),
        (10, 1, b""),
        (99, 1, b""),
        (u64::MAX / 2, usize::MAX / 2, b""),
    ];
    for (start, len, want) in cases {
        assert_eq!(
            store.get_range("packs/aa", start, len).expect("range"),
            want,
            "{len} from {start}"
        );
    }
}

fn limits_hold_before_reading(store: &dyn Store) {
    assert!(matches!(store.get("packs/aa", 9), Err(StoreError::TooLarge(_))));
    assert_eq!(store.get("packs/aa", 10).expect("get").len(), 10);
}

fn lists_are_by_folder_and_name(store: &dyn Store) {
    store.put_new("packs/ab", b"x").expect("put");
    let entry = |name: &str, len| StoreEntry { name: name.into(), len };
    assert_eq!(store.list("packs").expect("list"), [entry("aa", 10), entry("ab", 1)]);
    assert_eq!(store.list("index").expect("list"), []);
}

fn deleted_is_gone(store: &dyn Store) {
    store.delete("packs/aa").expect("delete");
    assert!(!store.exists("packs/aa").expect("exists"));
    assert!(matches!(store.delete("packs/aa"), Err(StoreError::NotFound(_))));
}

fn odd_paths_are_refused(store: &dyn Store) {
    let long = "x".repeat(101);
    for path in [
        "", "/", "..", "packs/..", "../up", "/etc", "packs//x", "a/b/c", "packs/.x", "Packs/x",
        "a\\b", &long,
    ] {
        assert!(matches!(store.put(path, b""), Err(StoreError::BadPath(_))), "put {path}");
        assert!(matches!(store.get(path, 0), Err(StoreError::BadPath(_))), "get {path}");
        assert!(matches!(store.delete(path), Err(StoreError::BadPath(_))), "delete {path}");
    }
}
