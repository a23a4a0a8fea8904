//! Which accounts changed here, and what each is like now: a peer that has the same need not ask
//! further.

use crate::accounts::AccountStore;
use crate::site::Site;
use crate::site::ports::{Changed, PeerAnswer};
use sha2::{Digest, Sha256};
use vault_facts::FleetKeys;
use vault_protocol::Refusal;
use vault_state::SiteAccount;

/// Accounts of one answer.
pub(crate) const PAGE: u32 = 500;

/// Names everything of an account that a site tells another without being asked: two sites with the
/// same have nothing to tell each other.
pub(crate) fn state_of(keys: &FleetKeys, account: &SiteAccount) -> [u8; 16] {
    let facts = &account.facts;
    let passkeys: Vec<_> = facts.passkeys().iter().map(|passkey| passkey.digest()).collect();
    let state = (facts.subjects(keys), passkeys, facts.sealed().is_some());
    let bytes = postcard::to_allocvec(&state).expect("a state is plain data");
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|i| digest[i])
}

pub(super) async fn since<S: AccountStore>(
    site: &Site<S>,
    from: u64,
) -> Result<PeerAnswer, Refusal> {
    let changes = site.store().changed_since(from, PAGE).await;
    let changes = changes.map_err(|error| crate::site::steps::unavailable(&error))?;
    let mut accounts = Vec::with_capacity(changes.accounts.len());
    for account in changes.accounts {
        if let Some(held) = site.read(account).await? {
            accounts.push(Changed { account, state: state_of(&site.0.rules.keys, &held) });
        }
    }
    Ok(PeerAnswer::Changes { accounts, next: changes.next })
}
