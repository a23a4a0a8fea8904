//! Something that every site has to know, on its way to them.
//!
//! What was signed holds at whichever site has it; until enough have it, somebody must keep at it.
//! An errand is that something as plain data, with the acknowledgements so far: it can be stored,
//! and carried on with after hours or at the next start ([`crate::Fleet::carry`]).

mod carrying;
mod goal;

pub(crate) use carrying::Carrying;

use crate::conversation::Lanes;
use crate::fleet::{Fleet, Known};
use crate::site_notes::SiteNotes;
use crate::spread::Spread;
use goal::Goal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use vault_facts::{RealSignatures, VoteKeys};
use vault_protocol::limits::MAX_PLAINTEXT;
use vault_protocol::{
    AccountId, Acknowledgement, Admission, Certificate, DecodeError, KeysDigest, News, Point,
    RosterNumber, Round, SealedRecord, SiteIndex, Statement, Version, VoteKeyCertificate,
};

/// The largest errand: what it carries fits one message to a site, and the acknowledgements of
/// seven sites with their certificates are under 2 KiB.
pub const MAX_ERRAND: usize = MAX_PLAINTEXT + 2048;

/// How long sites that ask to wait are waited for.
const PATIENCE: Duration = Duration::from_secs(12);

/// On its way. Nothing in it is secret to the account's owner, and nothing of it opens a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    account: AccountId,
    keys: KeysDigest,
    cargo: Cargo,
    /// Of different sites, each on the errand's goal.
    words: Vec<Acknowledgement>,
    /// Of the vote keys that anything here is signed with.
    certificates: Vec<VoteKeyCertificate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cargo {
    /// A right code, to be shown to sites until t of them have signed that they saw it.
    Confirmation(Box<Confirmation>),
    /// The end of a round, a removal, or a roster.
    Facts(Box<News>),
    Record {
        record: Box<SealedRecord>,
        admission: Option<Admission>,
    },
}

/// What shows sites the right code of one try. A proof is good for this try at this site, and for
/// nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub certificate: Certificate,
    pub alpha: Point,
    pub proofs: BTreeMap<SiteIndex, [u8; 32]>,
    pub receipts: Vec<Statement>,
    /// For sites that are behind.
    pub news: News,
}

/// What an errand is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// So many rounds have ended: all tries are back.
    Round(Round),
    /// The owner ended the account.
    Removed,
    /// This roster of passkeys, or one that replaced it.
    Roster(RosterNumber),
    /// The code of this version, or one that replaced it.
    Record(Version),
}

/// How far an errand came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What was carried.
    pub matter: Matter,
    /// How far it came.
    pub spread: Spread,
    /// To be carried on with; none once every site has acknowledged.
    pub errand: Option<Errand>,
    /// What there is to say of single sites.
    pub notes: SiteNotes,
}

impl Errand {
    pub(crate) fn new(
        account: AccountId,
        keys: KeysDigest,
        cargo: Cargo,
        certificates: Vec<VoteKeyCertificate>,
    ) -> Self {
        Self { account, keys, cargo, words: Vec::new(), certificates }
    }

    /// The account that it is about.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// What it carries.
    pub fn matter(&self) -> Matter {
        self.goal().matter()
    }

    /// To be stored, until it is carried on with.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("an errand is plain data")
    }

    /// # Errors
    /// [`DecodeError`]: too long, not an errand, or bytes after its end.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        const WHAT: &str = "errand";
        if bytes.len() > MAX_ERRAND {
            let len = bytes.len();
            return Err(DecodeError::TooLong { what: WHAT, len, limit: MAX_ERRAND });
        }
        let malformed = |why: String| DecodeError::Malformed(WHAT, why);
        let (errand, rest) =
            postcard::take_from_bytes::<Self>(bytes).map_err(|e| malformed(e.to_string()))?;
        if !rest.is_empty() {
            return Err(malformed("bytes after the end".into()));
        }
        Ok(errand)
    }

    fn goal(&self) -> Goal {
        Goal::of(&self.cargo, &self.keys)
    }

    /// Vote keys that its certificates show.
    fn vote_keys(&self, known: &Known) -> VoteKeys {
        let mut keys = VoteKeys::default();
        for certificate in &self.certificates {
            keys.learn(&known.keys, &RealSignatures, certificate);
        }
        keys
    }
}

impl Fleet {
    /// Goes on with an errand: every site that has not acknowledged it is told, side by side. It
    /// asks again nobody who has, so it may be called as often as one likes.
    ///
    /// An errand of other keys of the fleet is given back as it is: their sites are gone.
    pub async fn carry(&self, errand: Errand) -> Carried {
        if errand.keys != self.keys() {
            let matter = errand.matter();
            let sites = self.known.sites();
            let spread = Spread::new(sites, BTreeSet::new());
            return Carried { matter, spread, errand: Some(errand), notes: SiteNotes::default() };
        }
        let mut lanes = Lanes::new(self, Some(errand.account), PATIENCE);
        let vote_keys = errand.vote_keys(&self.known);
        let known: Arc<Known> = self.known.clone();
        let mut plan = Carrying::new(known, errand, vote_keys, PATIENCE, lanes.now());
        lanes.run(&mut plan).await;
        plan.finish(lanes.notes())
    }
}
