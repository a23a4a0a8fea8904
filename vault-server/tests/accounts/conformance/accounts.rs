//! One account at a time.

use super::Engine;
use crate::samples::*;
use vault_protocol::AccountTag;
use vault_server::accounts::{AccountStore, Step, Write};

pub(super) async fn an_account_comes_back_as_it_was_stored(engine: impl Engine) {
    let store = engine.store();
    assert_eq!(store.read(id(1)).await.unwrap(), None);
    assert!(!store.knows(AccountTag::of(&id(1))).await.unwrap());
    for (n, account) in (1..).flat_map(|n| shapes(n).into_iter().map(move |a| (n, a))).take(33) {
        put(store, account.clone()).await.unwrap();
        assert_eq!(store.read(id(n)).await.unwrap(), Some(account));
        assert!(store.knows(AccountTag::of(&id(n))).await.unwrap());
    }
}

pub(super) async fn each_part_changes_alone(engine: impl Engine) {
    let store = engine.store();
    for before in shapes(1) {
        for after in shapes(1) {
            put(store, before.clone()).await.unwrap();
            put(store, after.clone()).await.unwrap();
            assert_eq!(store.read(id(1)).await.unwrap(), Some(after));
        }
    }
}

pub(super) async fn a_step_sees_what_the_one_before_stored(engine: impl Engine) {
    let store = engine.store();
    let first = registered(1);
    put(store, first.clone()).await.unwrap();
    let seen = store.update(id(1), move |before| {
        let voted = voted(before.as_ref().unwrap(), 1, &[1]);
        Step::write(before, write(voted))
    });
    assert_eq!(seen.await.unwrap(), Some(first.clone()));
    let seen = store.update(id(1), Step::unchanged).await.unwrap();
    assert_eq!(seen, Some(voted(&first, 1, &[1])));
    assert_eq!(store.update(id(2), Step::unchanged).await.unwrap(), None);
}

pub(super) async fn a_step_without_a_write_changes_nothing(engine: impl Engine) {
    let store = engine.store();
    put(store, registered(1)).await.unwrap();
    let before = store.changed_since(1, 10).await.unwrap();
    store.update(id(1), |_| Step::unchanged(())).await.unwrap();
    store.update(id(2), |_| Step::unchanged(())).await.unwrap();
    assert_eq!(store.read(id(1)).await.unwrap(), Some(registered(1)));
    assert_eq!(store.read(id(2)).await.unwrap(), None);
    assert_eq!(store.changed_since(1, 10).await.unwrap(), before);
}

pub(super) async fn a_forgotten_account_leaves_nothing(engine: impl Engine) {
    let store = engine.store();
    let account = with_passkeys(&registered(1), 2);
    let due = Write { wake_at: Some(50), ..write(account) };
    put_with(store, id(1), due).await.unwrap();
    put(store, registered(2)).await.unwrap();
    put_with(store, id(1), Write::default()).await.unwrap();
    assert_eq!(store.read(id(1)).await.unwrap(), None);
    assert!(!store.knows(AccountTag::of(&id(1))).await.unwrap());
    assert_eq!(store.due(100, 10).await.unwrap(), []);
    assert_eq!(store.changed_since(1, 10).await.unwrap().accounts, [id(2)]);
    // It may come back, with what it then has.
    put(store, registered(1)).await.unwrap();
    assert_eq!(store.read(id(1)).await.unwrap(), Some(registered(1)));
}

pub(super) async fn everything_outlives_the_program(engine: impl Engine) {
    let store = engine.store();
    let account = confirmed(&with_passkeys(&registered(1), 1), 4);
    let whole = Write {
        wake_at: Some(50),
        evaluated: Some(evaluated(1)),
        repeats: 2,
        equivocations: vec![equivocation(3, 1)],
        ..write(account.clone())
    };
    put_with(store, id(1), whole).await.unwrap();
    store.count_registrations(2).await.unwrap();
    store.set_peer_mark(vault_protocol::SiteIndex(2), 9).await.unwrap();
    let totals = store.totals().await.unwrap();
    let engine = engine.reopened();
    let store = engine.store();
    assert_eq!(store.read(id(1)).await.unwrap(), Some(account));
    assert_eq!(store.totals().await.unwrap(), totals);
    assert_eq!(store.due(50, 10).await.unwrap(), [id(1)]);
    assert_eq!(store.evaluated(1, 10).await.unwrap(), [evaluated(1)]);
    assert_eq!(store.equivocations().await.unwrap(), [equivocation(3, 1)]);
    assert_eq!(store.changed_since(1, 10).await.unwrap().accounts, [id(1)]);
    assert_eq!(store.peer_mark(vault_protocol::SiteIndex(2)).await.unwrap(), 9);
}
