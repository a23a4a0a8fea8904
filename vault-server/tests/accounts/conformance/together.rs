//! Many steps at once.

use super::Engine;
use crate::samples::*;
use vault_server::accounts::{AccountStore, Step, Write};

pub(super) async fn no_step_is_lost_among_many_of_one_account(engine: impl Engine) {
    let store = engine.store();
    put(store, registered(1)).await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let count = |before: Option<vault_state::SiteAccount>| {
                    let mut account = before.unwrap();
                    account.own.since += 1;
                    Step::write(account.own.since, write(account))
                };
                store.update(id(1), count).await.unwrap()
            })
        })
        .collect();
    let mut seen = vec![];
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1001..=1100).collect::<Vec<u64>>());
}

pub(super) async fn many_accounts_at_once_are_all_stored(engine: impl Engine) {
    let store = engine.store();
    let tasks: Vec<_> = (1..=200u8)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let with = Write { evaluated: Some(evaluated(n)), ..write(registered(n)) };
                put_with(&store, id(n), with).await.unwrap();
                put(&store, confirmed(&registered(n), 0)).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for n in 1..=200 {
        assert_eq!(store.read(id(n)).await.unwrap(), Some(confirmed(&registered(n), 0)));
    }
    let chain = store.evaluated(1, 1000).await.unwrap();
    let head = chain.iter().fold([0; 32], |head, entry| entry.chained(&head));
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.evaluated, totals.evaluated_head), (200, head));
    assert_eq!(store.changed_since(1, 1000).await.unwrap().accounts.len(), 200);
}

pub(super) async fn a_step_goes_on_although_its_caller_goes_away(engine: impl Engine) {
    let store = engine.store();
    for n in 1..=50u8 {
        let mut update = std::pin::pin!(put(store, registered(n)));
        // Begun, and then nobody waits for it any more.
        let _ = futures::poll!(update.as_mut());
    }
    // What comes after it sees it.
    for n in 1..=50u8 {
        let seen = store.update(id(n), Step::unchanged).await.unwrap();
        assert_eq!(seen, Some(registered(n)), "account {n}");
    }
}
