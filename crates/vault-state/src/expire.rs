//! Destroying what the last try left behind.

use crate::{Gone, Outcome, Storage};

/// Seconds that the last try has to be confirmed: an hour leaves time for a site that is down to come back.
pub const EXPIRY_GRACE: u64 = 3600;

pub(crate) fn expire<S: Storage>(storage: &mut S, at: u64) -> Result<Outcome, S::Error> {
    let Some(due) = at.checked_sub(EXPIRY_GRACE) else {
        return Ok(Outcome::Expired { accounts: 0 });
    };
    let mut accounts = 0;
    for id in storage.exhausted(due)? {
        if let Some(mut account) = storage.account(&id)? {
            account.destroy(Gone::Destroyed, at);
            storage.put_account(&id, &account)?;
            accounts += 1;
        }
    }
    Ok(Outcome::Expired { accounts })
}
