//! One site's own words about an account.

use std::collections::BTreeSet;
use vault_protocol::{
    OwnState, PasskeyStatus, RosterNumber, Round, SiteIndex, Slot, SlotVote, TryId, Version,
};

/// What one site showed. Facts in it proved themselves; its clock and its own state are its word
/// alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteView {
    /// Unix seconds.
    pub clock: u64,
    /// Version and digest of the record that it showed, if the owner signed it.
    pub record: Option<(Version, [u8; 32])>,
    /// The running round, as far as it proved it.
    pub round: Round,
    /// Number of the roster that it showed, if the owner signed it.
    pub roster: Option<RosterNumber>,
    /// Passkeys that the owner's newest roster names.
    pub passkeys: Vec<PasskeyStatus>,
    /// The owner's removal, which it showed.
    pub removed: bool,
    /// What the site says of itself alone.
    pub own: OwnState,
    pub(crate) votes: BTreeSet<(Slot, SiteIndex, TryId)>,
}

impl SiteView {
    pub(crate) fn has_shown(&self, vote: &SlotVote) -> bool {
        self.round == vote.round
            && self.votes.contains(&(vote.slot, vote.statement.site, vote.tried))
    }

    /// Slots of its round that it showed to be spent, from the first on.
    pub(crate) fn spent(&self, threshold: usize) -> Slot {
        let voters = |slot: Slot| {
            let of_slot = self.votes.iter().filter(|(s, _, _)| *s == slot);
            of_slot.map(|(_, site, _)| site).collect::<BTreeSet<_>>().len()
        };
        let spent = (1..=Slot::MAX).take_while(|slot| voters(*slot) >= threshold);
        spent.last().unwrap_or(0)
    }
}
