//! What precedes a passkey, and what is only written down.

use super::roster::check_next_change;
use crate::apply::{Step, refused, with_account};
use crate::pending::Opening;
use crate::{FleetKeys, Outcome, Storage};
use vault_protocol::{AccountId, Change, EventKind, Refusal, SiteIndex};

/// A site gave a nonce towards this change: t of them must have, before it is stored.
pub(crate) fn note_opening<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    account: AccountId,
    change: Change,
    site: SiteIndex,
    at: u64,
) -> Result<Outcome, S::Error> {
    if !keys.has_site(site) {
        return refused(Refusal::Malformed);
    }
    if let Err(refusal) = check_next_change(storage.account(&account)?.as_ref(), change) {
        return refused(refusal);
    }
    let mut pending = storage.pending()?;
    pending.note(site, account, Opening::Passkey(change), at);
    storage.put_pending(&pending)?;
    Ok(Outcome::Recorded)
}

/// A line in the person's history, and nothing else: no site can lock another's passkeys with it.
pub(crate) fn note_refused<S: Storage>(
    storage: &mut S,
    keys: &FleetKeys,
    account: AccountId,
    site: SiteIndex,
    at: u64,
) -> Result<Outcome, S::Error> {
    if !keys.has_site(site) {
        return refused(Refusal::Malformed);
    }
    with_account(storage, account, |account| {
        account.note(at, EventKind::PasskeyRefused);
        Step::Changed(Outcome::Recorded)
    })
}
