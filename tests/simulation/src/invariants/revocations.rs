//! What was told to be revoked despite the bad sites stays revoked: a removed account is never
//! evaluated again by enough sites, a replaced code opens nothing.

use crate::person::{Person, stretched};
use crate::scenario::Watch;
use vault_client::{Attempt, Header};
use vault_protocol::AccountId;

pub async fn at_end(watch: &Watch, people: &[Person]) {
    for person in people {
        removed(watch, person.account()).await;
        replaced(watch, person).await;
    }
}

/// Fewer than t - b honest sites evaluated anything after that: no share of theirs makes up a key.
async fn removed(watch: &Watch, account: AccountId) {
    let Some(before) = watch.truth(account).removed else { return };
    let needed = watch.fleet.keys().threshold() - watch.bad.len();
    // Tries of other accounts go on; these are told apart by their slots elsewhere.
    let of_account = tries_of(watch, account).await;
    for (tried, sites) in watch.evaluated().await {
        if !before.contains(&tried) && of_account.contains(&tried) && sites.len() >= needed {
            watch.violated(format_args!("a removed account was evaluated at {sites:?}"));
        }
    }
}

async fn tries_of(watch: &Watch, account: AccountId) -> Vec<vault_protocol::TryId> {
    let keys = watch.fleet.keys().digest;
    let slots: Vec<_> = (0..64)
        .flat_map(|round| (1..=10).map(move |slot| (round, slot)))
        .map(|(round, slot)| vault_protocol::slot_id(&keys, &account, round, slot))
        .collect();
    let mut tries = Vec::new();
    for site in watch.honest() {
        let entries = watch.fleet.evaluated(site).await;
        tries.extend(entries.iter().filter(|e| slots.contains(&e.slot)).map(|e| e.tried));
    }
    tries
}

/// Whoever still has the old header and the old code gets nothing for it.
async fn replaced(watch: &Watch, person: &Person) {
    let truth = watch.truth(person.account());
    let client = watch.fleet.client(7);
    for version in truth.stored.keys().filter(|version| **version < truth.replaced) {
        let header = Header { version: *version, ..person.header() };
        let code = stretched(&format!("{}'s code {version}", person.name));
        let attempt = Attempt { header, stretched: &code, secret: &person.secret };
        if client.recover(&attempt).await.is_ok() {
            watch.violated(format_args!("code {version}, which was replaced, opened the key"));
        }
    }
}
