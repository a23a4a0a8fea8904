//! A try did not get its votes: whether another may, and what to tell the person if not.

use super::Stop;
use super::ballot::Ballot;
use crate::error::VaultError;
use crate::fleet::Known;
use crate::gathered::Gathered;
use crate::seen::next_slot;
use std::collections::BTreeSet;
use std::time::Duration;
use vault_protocol::limits::{FIRST_DELAYED_TRY, delay_before_try};
use vault_protocol::{Refusal, SiteIndex, Try};

pub(super) enum Next {
    /// Another try may get its votes, after these sites were asked once more.
    Again(BTreeSet<SiteIndex>),
    Stop(Stop),
}

pub(super) fn reconsider(
    ballot: &Ballot,
    gathered: &Gathered,
    known: &Known,
    now: Duration,
) -> Next {
    let everybody: BTreeSet<_> = gathered.views().map(|(site, _)| site).collect();
    if ballot.refused(|refusal| knows_more(&ballot.tried, refusal)) > 0 {
        return Next::Again(everybody);
    }
    let facts = gathered.facts();
    let moved_on = facts.is_some_and(|facts| {
        facts.round() != ballot.tried.round || next_slot(known, facts) > ballot.tried.slot
    });
    if moved_on {
        return Next::Again(everybody);
    }
    let wrong_time = ballot.refused(|refusal| matches!(refusal, Refusal::WrongTime { .. }));
    let free = everybody.difference(&ballot.spoken_for()).count();
    if wrong_time > 0 && free >= ballot.quorum() {
        // By the clocks that they told now, in the same slot.
        return Next::Again(BTreeSet::new());
    }
    if let Some(seconds) = too_soon(ballot, gathered, now) {
        return Next::Stop(Stop::Because(VaultError::TooSoon { seconds }));
    }
    let (answered, needed) = (ballot.votes(), ballot.quorum());
    Next::Stop(Stop::TooFew { answered, needed })
}

/// A site that knows what the try did not know.
fn knows_more(tried: &Try, refusal: &Refusal) -> bool {
    match refusal {
        Refusal::WrongVersion { current } => *current > tried.version,
        Refusal::WrongRound { current } => *current > tried.round,
        Refusal::WrongSlot { next } => *next > tried.slot,
        Refusal::Removed | Refusal::Destroyed | Refusal::Frozen { .. } => true,
        _ => false,
    }
}

/// Seconds until the sites that refused for that reason alone make up a quorum.
fn too_soon(ballot: &Ballot, gathered: &Gathered, now: Duration) -> Option<u64> {
    let tried = &ballot.tried;
    if tried.slot < FIRST_DELAYED_TRY {
        return None;
    }
    let longest = delay_before_try(tried.slot);
    let wait = |(site, refusal): (SiteIndex, &Refusal)| match refusal {
        Refusal::TooSoon { at } => Some(at.saturating_sub(gathered.clock(site, now)?).min(longest)),
        _ => None,
    };
    let mut waits: Vec<_> = ballot.refusals().filter_map(wait).collect();
    waits.sort_unstable();
    let missing = ballot.quorum().saturating_sub(ballot.votes());
    waits.get(missing.saturating_sub(1)).copied().filter(|_| missing > 0)
}
