//! Spending a try.

use crate::apply::{Step, with_account};
use crate::{Account, Current, Gone, Outcome, Storage, Try};
use vault_protocol::{AccountId, EventKind, Refusal, TryId, Version};

pub(crate) fn reserve<S: Storage>(
    storage: &mut S,
    account: AccountId,
    version: Version,
    id: TryId,
    at: u64,
) -> Result<Outcome, S::Error> {
    let mut spent = false;
    let outcome = with_account(storage, account, |account| {
        let step = reserve_in(account, version, id, at);
        spent = matches!(step, Step::Changed(Outcome::Reserved { .. }));
        step
    })?;
    if spent {
        let mut totals = storage.totals()?;
        totals.tries += 1;
        storage.put_totals(&totals)?;
    }
    Ok(outcome)
}

fn reserve_in(account: &mut Account, version: Version, id: TryId, at: u64) -> Step {
    if account.is_gone() {
        return Step::refuse(Refusal::Destroyed);
    }
    // Without a code there is nothing to guess, and nothing that a guess may destroy.
    if account.version != version || account.current == Current::NoCode {
        return Step::refuse(Refusal::WrongVersion { current: account.version });
    }
    if account.open_try(version, &id).is_some() || account.was_confirmed(version, &id) {
        return Step::Unchanged(Outcome::Reserved { tries_left: account.tries_left() });
    }
    if account.tries_left() == 0 {
        account.destroy(Gone::Destroyed, at);
        return Step::Changed(Outcome::Refused(Refusal::Destroyed));
    }
    let earliest = account.next_try_at();
    if at < earliest {
        return Step::refuse(Refusal::TooSoon { at: earliest });
    }
    // Clocks differ between sites: a try is never dated before the one before it.
    let at = account.tries.last().map_or(at, |last| last.at.max(at));
    account.tries.push(Try { id, version, at });
    let tries_left = account.tries_left();
    account.note(at, EventKind::Tried { version, tries_left });
    Step::Changed(Outcome::Reserved { tries_left })
}
