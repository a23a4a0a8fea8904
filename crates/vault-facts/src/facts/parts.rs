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
    pub claim: Claim,
    pub admission: Option<Admission>,
    pub record: Option<SignedRecord>,
    pub sealed: Option<Sealed>,
    pub removal: Option<Signature64>,
    pub roster: Option<SignedRoster>,
    pub passkeys: Vec<PasskeyRecord>,
    pub round_end: Option<RoundEnd>,
    pub votes: BTreeMap<Slot, BTreeMap<SiteIndex, Vec<(TryId, Statement)>>>,
}

impl AccountFacts {
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
