//! What a store holds beside its accounts.

use super::Engine;
use crate::samples::*;
use vault_protocol::{AccountId, SiteIndex, VoteKey};
use vault_server::accounts::{AccountStore, MAX_EQUIVOCATIONS, Totals, Write};

async fn changed<S: AccountStore>(store: &S, from: u64) -> (Vec<AccountId>, u64) {
    let changes = store.changed_since(from, 100).await.unwrap();
    (changes.accounts, changes.next)
}

pub(super) async fn changes_come_in_their_order_and_each_account_once(engine: impl Engine) {
    let store = engine.store();
    assert_eq!(changed(store, 1).await, (vec![], 1));
    for n in [1, 2, 3] {
        put(store, registered(n)).await.unwrap();
    }
    assert_eq!(changed(store, 1).await, (vec![id(1), id(2), id(3)], 4));
    put(store, confirmed(&registered(2), 0)).await.unwrap();
    assert_eq!(changed(store, 1).await, (vec![id(1), id(3), id(2)], 5));
    assert_eq!(changed(store, 4).await, (vec![id(2)], 5));
    put(store, confirmed(&registered(2), 1)).await.unwrap();
    assert_eq!(changed(store, 1).await, (vec![id(1), id(3), id(2)], 6));
    assert_eq!(changed(store, 6).await, (vec![], 6));
}

pub(super) async fn a_number_of_a_change_is_never_given_again(engine: impl Engine) {
    let store = engine.store();
    put(store, registered(1)).await.unwrap();
    put_with(store, id(1), Write::default()).await.unwrap();
    let (accounts, next) = changed(store, 1).await;
    assert_eq!((accounts, next), (vec![], 2));
    put(store, registered(2)).await.unwrap();
    assert_eq!(changed(store, next).await, (vec![id(2)], 3));
    put(store, registered(3)).await.unwrap();
    put_with(store, id(2), Write::default()).await.unwrap();
    put(store, registered(4)).await.unwrap();
    assert_eq!(changed(store, 1).await, (vec![id(3), id(4)], 5));
}

pub(super) async fn changes_come_in_pages(engine: impl Engine) {
    let store = engine.store();
    for n in 1..=5 {
        put(store, registered(n)).await.unwrap();
    }
    let mut from = 1;
    let mut seen = vec![];
    for _ in 0..4 {
        let page = store.changed_since(from, 2).await.unwrap();
        assert!(page.accounts.len() <= 2);
        seen.extend(page.accounts);
        from = page.next;
    }
    assert_eq!((seen, from), ((1..=5).map(id).collect(), 6));
}

pub(super) async fn a_mark_beyond_the_end_is_told_the_end(engine: impl Engine) {
    let store = engine.store();
    put(store, registered(1)).await.unwrap();
    assert_eq!(changed(store, 1000).await, (vec![], 2));
}

pub(super) async fn what_concerns_nobody_else_is_no_change(engine: impl Engine) {
    let store = engine.store();
    put(store, registered(1)).await.unwrap();
    put(store, voted(&registered(1), 1, &[1, 2, 3])).await.unwrap();
    put(store, destroyed(&registered(1))).await.unwrap();
    assert_eq!(changed(store, 1).await, (vec![id(1)], 2));
    let news = [
        replaced(&registered(1), 2),
        with_passkeys(&replaced(&registered(1), 2), 1),
        confirmed(&with_passkeys(&replaced(&registered(1), 2), 1), 0),
        removed(&registered(1)),
    ];
    for (account, next) in news.into_iter().zip(3..) {
        put(store, account).await.unwrap();
        assert_eq!(changed(store, 1).await, (vec![id(1)], next));
    }
}

pub(super) async fn accounts_are_due_at_their_time(engine: impl Engine) {
    let store = engine.store();
    for (n, at) in [(1, Some(30)), (2, Some(10)), (3, None), (4, Some(20))] {
        let due = Write { wake_at: at, ..write(registered(n)) };
        put_with(store, id(n), due).await.unwrap();
    }
    assert_eq!(store.due(9, 10).await.unwrap(), []);
    assert_eq!(store.due(20, 10).await.unwrap(), [id(2), id(4)]);
    assert_eq!(store.due(99, 2).await.unwrap(), [id(2), id(4)]);
    // A time alone may change.
    put_with(store, id(2), Write { wake_at: Some(40), ..write(registered(2)) }).await.unwrap();
    put_with(store, id(4), write(registered(4))).await.unwrap();
    assert_eq!(store.due(99, 10).await.unwrap(), [id(1), id(2)]);
}

pub(super) async fn vote_keys_are_stored_once_and_found(engine: impl Engine) {
    let store = engine.store();
    let own = [certificate(1, 7), certificate(1, 8)];
    for certificate in [own[0], own[1], own[0]] {
        store.keep_vote_key(certificate).await.unwrap();
    }
    store.keep_vote_key(certificate(2, 9)).await.unwrap();
    let wanted = vec![
        (SiteIndex(1), VoteKey([8; 32])),
        (SiteIndex(2), VoteKey([8; 32])),
        (SiteIndex(2), VoteKey([9; 32])),
    ];
    let found = store.vote_keys(wanted).await.unwrap();
    assert_eq!(found, [own[1], certificate(2, 9)]);
    assert_eq!(store.vote_keys_of(SiteIndex(1), 1, 10).await.unwrap(), own);
    assert_eq!(store.vote_keys_of(SiteIndex(1), 2, 10).await.unwrap(), own[1..]);
    assert_eq!(store.vote_keys_of(SiteIndex(1), 1, 1).await.unwrap(), own[..1]);
    // Those that come with an account's facts as well.
    put(store, registered(1)).await.unwrap();
    assert_eq!(store.vote_keys_of(SiteIndex(5), 1, 10).await.unwrap().len(), 2);
}

pub(super) async fn evaluated_tries_make_a_chain(engine: impl Engine) {
    let store = engine.store();
    assert_eq!(store.totals().await.unwrap(), Totals::default());
    let mut head = [0; 32];
    for n in 1..=3 {
        let with = Write { evaluated: Some(evaluated(n)), ..write(registered(n)) };
        put_with(store, id(n), with).await.unwrap();
        head = evaluated(n).chained(&head);
        let totals = store.totals().await.unwrap();
        assert_eq!((totals.evaluated, totals.evaluated_head), (u64::from(n), head));
    }
    assert_eq!(store.evaluated(2, 10).await.unwrap(), [evaluated(2), evaluated(3)]);
    assert_eq!(store.evaluated(1, 1).await.unwrap(), [evaluated(1)]);
    assert_eq!(store.evaluated(4, 10).await.unwrap(), []);
}

pub(super) async fn counts_add_up(engine: impl Engine) {
    let store = engine.store();
    store.count_registrations(2).await.unwrap();
    store.count_registrations(2).await.unwrap();
    store.count_repeats(1).await.unwrap();
    put_with(store, id(1), Write { repeats: 3, ..write(registered(1)) }).await.unwrap();
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.registration_evaluations, totals.repeats), (4, 4));
}

pub(super) async fn a_few_proofs_against_a_site_are_enough(engine: impl Engine) {
    let store = engine.store();
    for n in 0..=MAX_EQUIVOCATIONS as u8 {
        let equivocations = vec![equivocation(1, n), equivocation(1, n)];
        put_with(store, id(1), Write { equivocations, ..write(registered(1)) }).await.unwrap();
    }
    let equivocations = vec![equivocation(2, 1)];
    put_with(store, id(1), Write { equivocations, ..write(registered(1)) }).await.unwrap();
    let proofs = store.equivocations().await.unwrap();
    let of = |site| proofs.iter().filter(|proof| proof.first.1.site == SiteIndex(site)).count();
    assert_eq!((of(1), of(2)), (MAX_EQUIVOCATIONS, 1));
}

pub(super) async fn marks_are_of_each_peer(engine: impl Engine) {
    let store = engine.store();
    store.set_peer_mark(SiteIndex(2), 7).await.unwrap();
    store.set_peer_mark(SiteIndex(2), 5).await.unwrap();
    assert_eq!(store.peer_mark(SiteIndex(2)).await.unwrap(), 5);
    assert_eq!(store.peer_mark(SiteIndex(3)).await.unwrap(), 1);
}
