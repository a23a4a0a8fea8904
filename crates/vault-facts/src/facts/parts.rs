//! Facts taken apart, for a store that writes only what changed.

use super::AccountFacts;
use std::collections::BTreeMap;
use vault_protocol::{
    Admission, Claim, PasskeyRecord, RoundEnd, Sealed, Signature64, SignedRecord, SignedRoster,
    SiteIndex, Slot, Statement, TryId,
};

/// [`AccountFacts`] with its fields open: for the storage of whoever joined them, and for nobody
/// else. Nothing is proved again when they are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsParts {
    /// Whose account it is.
    pub claim: Claim,
    /// Why a site took it.
    pub admission: Option<Admission>,
    /// The newest record of a code.
    pub record: Option<SignedRecord>,
    /// What only sites hold of that record.
    pub sealed: Option<Sealed>,
    /// The owner's signature of its end.
    pub removal: Option<Signature64>,
    /// The newest roster.
    pub roster: Option<SignedRoster>,
    /// The passkeys on it.
    pub passkeys: Vec<PasskeyRecord>,
    /// The newest end of a round.
    pub round_end: Option<RoundEnd>,
    /// By slot of the round after that, then by site: usually one vote; a site that lies may have
    /// two.
    pub votes: BTreeMap<Slot, BTreeMap<SiteIndex, Vec<(TryId, Statement)>>>,
}

impl AccountFacts {
    /// Takes it apart.
    pub fn into_parts(self) -> FactsParts {
        let Self { claim, admission, record, sealed, removal, roster, passkeys, round_end, votes } =
            self;
        FactsParts { claim, admission, record, sealed, removal, roster, passkeys, round_end, votes }
    }

    /// What was stored before.
    pub fn from_parts(parts: FactsParts) -> Self {
        let FactsParts {
            claim,
            admission,
            record,
            sealed,
            removal,
            roster,
            passkeys,
            round_end,
            votes,
        } = parts;
        Self { claim, admission, record, sealed, removal, roster, passkeys, round_end, votes }
    }
}
