//! What is known when a code opened nothing. Nothing is told that could be a site's lie without
//! saying so.

use super::evaluation::Evaluation;
use super::{Header, Unfinished};
use crate::error::{VaultError, WrongCode};
use crate::fleet::Known;
use crate::gathered::Gathered;
use crate::seen::next_slot;
use crate::site_notes::SiteNotes;
use vault_protocol::{CodeOrigin, Slot};

/// t sites say that the access key is wrong, so at least one honest site does.
pub(super) fn unspent(
    known: &Known,
    gathered: &Gathered,
    header: &Header,
    notes: SiteNotes,
) -> VaultError {
    // An own code's key is in the header, whatever code was typed.
    if header.origin == CodeOrigin::Own {
        return VaultError::HeaderAltered(crate::error::HeaderPart::Access);
    }
    VaultError::WrongCode(WrongCode {
        spent: false,
        tries_left: tries_left(known, gathered),
        unless_lying: known.threshold(),
        unfinished: None,
        notes,
    })
}

/// t sites or more evaluated the try, and no t of their shares are on the owner's polynomial.
pub(super) fn spent(
    known: &Known,
    evaluation: Evaluation,
    gathered: Gathered,
    notes: SiteNotes,
) -> VaultError {
    let notes = SiteNotes { liars: gathered.liars.0.clone(), ..notes };
    let tries_left = tries_left(known, &gathered);
    // Of t honest answers among them one set would open: all but t - 1 must be lies.
    let answered = evaluation.evaluated();
    let unless_lying = (answered + 1).saturating_sub(known.threshold());
    let all = answered >= known.sites();
    // The access key of a generated code is made of the code: votes show that the code is right.
    let is_right = evaluation.record.policy.code == CodeOrigin::Generated;
    let unfinished = Box::new(Unfinished::new(known, evaluation, gathered, notes.clone()));
    if is_right {
        return VaultError::FalseShares(unfinished);
    }
    let unfinished = (!all).then_some(unfinished);
    VaultError::WrongCode(WrongCode { spent: true, tries_left, unless_lying, unfinished, notes })
}

/// By votes that hold.
fn tries_left(known: &Known, gathered: &Gathered) -> Slot {
    let Some(facts) = gathered.facts() else { return 0 };
    let max = facts.record().map_or(0, |signed| signed.record.policy.max_tries);
    max.saturating_add(1).saturating_sub(next_slot(known, facts))
}
