//! What there is to say of single sites: why one did not help, and which were caught lying.

use crate::liars::Lie;
use crate::ports::TransportError;
use recovery_crypto::session::SessionError;
use std::collections::{BTreeMap, BTreeSet};
use vault_protocol::{BundleId, Refusal, SiteIndex};

/// What there is to say of single sites.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteNotes {
    /// Why a site did not help, or not in time.
    pub problems: BTreeMap<SiteIndex, SiteProblem>,
    /// Sites that were caught, and at what.
    pub liars: BTreeMap<SiteIndex, BTreeSet<Lie>>,
    /// Bundles that sites name as the newest they serve, other than those that were verified here:
    /// to be fetched, and to be verified before anything is made of it.
    pub other_bundles: BTreeMap<SiteIndex, BundleId>,
}

/// Why one site did not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteProblem {
    /// It was not reached, or gave no whole answer.
    #[error(transparent)]
    Network(#[from] TransportError),
    /// It was not waited for any longer.
    #[error("it did not answer in time")]
    Late,
    /// It does not hold the session key that the bundle names, or something on the way changed the
    /// messages.
    #[error("it could not prove that it is this site of the fleet")]
    NotAuthentic,
    /// It serves none of the bundles that were verified here.
    #[error("it serves another bundle ({0})")]
    OtherBundle(BundleId),
    /// Nobody can recover there before the operator updates it.
    #[error("it speaks an older version of the vault protocol")]
    OlderVersion,
    /// More wait than it can serve.
    #[error("it asks to wait for {seconds} s")]
    Busy {
        /// How long.
        seconds: u32,
    },
    /// Its device or its storage is away; why, as it says.
    #[error("it cannot serve now: {0}")]
    Unavailable(String),
    /// The session ended, and what was asked makes sense in that session alone.
    #[error("the session with it ended")]
    SessionLost,
    /// It did not do what was asked; why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Unreadable, or the answer to another question.
    #[error("its answer does not fit the question")]
    BadAnswer,
}

impl From<SessionError> for SiteProblem {
    fn from(_: SessionError) -> Self {
        Self::NotAuthentic
    }
}

impl SiteNotes {
    /// Sites that said nothing that could be used.
    pub fn silent(&self) -> impl Iterator<Item = SiteIndex> + '_ {
        let silent = |problem: &SiteProblem| !matches!(problem, SiteProblem::Refused(_));
        self.problems.iter().filter(move |(_, p)| silent(p)).map(|(site, _)| *site)
    }
}
