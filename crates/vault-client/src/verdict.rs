//! What to tell the caller when too few sites helped.

use crate::error::{TooFewSites, VaultError};
use crate::fleet::Known;
use crate::site_notes::{SiteNotes, SiteProblem};
use vault_protocol::Refusal;

/// Too few, unless t of them speak an older version of the protocol.
pub(crate) fn too_few(
    known: &Known,
    answered: usize,
    needed: usize,
    notes: SiteNotes,
) -> VaultError {
    let older = |p: &&SiteProblem| matches!(p, SiteProblem::OlderVersion);
    if notes.problems.values().filter(older).count() >= known.threshold() {
        return VaultError::OlderFleet;
    }
    let sites = known.sites();
    VaultError::TooFewSites(Box::new(TooFewSites { answered, needed, sites, notes }))
}

/// A refusal that t sites gave, so that at least one honest site means it; else that too few
/// answered.
pub(crate) fn refused(known: &Known, answered: usize, notes: SiteNotes) -> VaultError {
    match agreed(known, &notes) {
        Some(error) => error,
        None => too_few(known, answered, known.threshold(), notes),
    }
}

/// A refusal that t sites gave.
pub(crate) fn agreed(known: &Known, notes: &SiteNotes) -> Option<VaultError> {
    let mut refusals: Vec<_> = notes
        .problems
        .values()
        .filter_map(|problem| match problem {
            SiteProblem::Refused(refusal) => Some((rank(refusal)?, refusal)),
            _ => None,
        })
        .collect();
    refusals.sort_by_key(|(rank, _)| *rank);
    let same = refusals.chunk_by(|(one, _), (other, _)| one.0 == other.0);
    let mut large = same.filter(|given| given.len() >= known.threshold());
    // With a majority honest, the middle lies between two honest ones.
    let (_, refusal) = large.next().map(|given| given[given.len() / 2])?;
    meaning(refusal)
}

/// By kind, and within a kind by its number.
fn rank(refusal: &Refusal) -> Option<(u8, u64)> {
    Some(match refusal {
        Refusal::Removed => (0, 0),
        Refusal::NoSuchAccount => (1, 0),
        Refusal::NotOwner => (2, 0),
        Refusal::WrongVersion { current } => (3, u64::from(*current)),
        Refusal::WrongRoster { current } => (4, u64::from(*current)),
        Refusal::NoSuchPasskey => (5, 0),
        Refusal::PasskeyInvalid => (6, 0),
        Refusal::NonceMismatch => (7, 0),
        Refusal::TooSoon { at } => (8, *at),
        _ => return None,
    })
}

/// Outside of a guess, where votes say more.
fn meaning(refusal: &Refusal) -> Option<VaultError> {
    Some(match refusal {
        Refusal::Removed => VaultError::Removed,
        Refusal::NoSuchAccount => VaultError::NoSuchAccount,
        Refusal::NotOwner => VaultError::NotOwner,
        Refusal::WrongVersion { current } => VaultError::OldCode { current: *current },
        Refusal::WrongRoster { current } => VaultError::WrongRoster { current: *current },
        Refusal::NoSuchPasskey => VaultError::NoSuchPasskey,
        Refusal::PasskeyInvalid => VaultError::PasskeyInvalid,
        Refusal::NonceMismatch => VaultError::ChallengeExpired,
        Refusal::TooSoon { at } => VaultError::PasskeyTooSoon { at: *at },
        _ => return None,
    })
}
