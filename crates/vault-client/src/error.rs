//! Why the fleet did not do what was asked, and why one site did not help.

use crate::errand::Carried;
use crate::liars::Lie;
use crate::ports::TransportError;
use crate::recover::Unfinished;
use recovery_crypto::session::SessionError;
use std::collections::{BTreeMap, BTreeSet};
use vault_protocol::{BundleId, KeysDigest, Refusal, RosterNumber, SiteIndex, Version};

/// Why the fleet as a whole did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The code is wrong, or the header that it was tried with was altered.
    #[error("the recovery code is wrong, {} tries are left", .0.tries_left)]
    WrongCode(WrongCode),
    /// The backup's header is not what the owner signed. No try was spent.
    #[error("the backup's header does not agree with the owner's signed record: {0}")]
    HeaderAltered(HeaderPart),
    /// A newer code replaced the one that was to be tried. No try was spent.
    #[error("the account is at version {current} of its code")]
    OldCode { current: Version },
    /// The account was made with other keys of this fleet, or at another fleet.
    #[error("the account is of keys {keys}, which are not this fleet's")]
    OtherKeys { keys: KeysDigest },
    #[error("this fleet has no such account")]
    NoSuchAccount,
    /// There are passkeys, but no code.
    #[error("the account has no recovery code")]
    NoCode,
    /// The owner's signed word.
    #[error("the owner removed the account")]
    Removed,
    #[error("no tries are left: the sealed boxes were destroyed")]
    Destroyed,
    /// The tries of an own code are used up; its owner may give them back until then.
    #[error("no tries are left: the code is frozen for {seconds} s")]
    Frozen { seconds: u64 },
    /// After several wrong tries, which votes show.
    #[error("the next try may come in {seconds} s")]
    TooSoon { seconds: u64 },
    /// A try that a quorum voted for was not evaluated by enough sites. It is not lost: the same
    /// try can be asked for again.
    #[error("{} of {} sites evaluated the try, {} are needed", .0.evaluated(), .0.sites(), .0.needed())]
    Unfinished(Box<Unfinished>),
    /// The code is right, which votes show, but no t of the answers are what the owner dealt: sites
    /// lied, or their devices are broken. The try is not lost.
    #[error("the sites' answers do not fit together, although the code is right")]
    FalseShares(Box<Unfinished>),
    #[error("the account's roster of passkeys is number {current}")]
    WrongRoster { current: RosterNumber },
    #[error("the account has no such passkey")]
    NoSuchPasskey,
    #[error("the passkey's answer does not verify")]
    PasskeyInvalid,
    /// The person took too long, or a site was restarted meanwhile.
    #[error("the sites' challenge is used up or expired")]
    ChallengeExpired,
    /// After answers that did not verify: unix seconds, as most sites say.
    #[error("the next passkey may be shown at unix time {at}")]
    PasskeyTooSoon { at: u64 },
    /// Fewer than t sites stored what was registered. It may come into force all the same, when
    /// those that did tell the others.
    #[error("{} of {} sites stored it", .0.spread.count(), .0.spread.sites())]
    NotStored(Box<Carried>),
    #[error("the owner's signature does not fit this account")]
    NotOwner,
    /// The sites speak version 1 of the protocol, which was never released.
    #[error("the fleet speaks an older version of the vault protocol")]
    OlderFleet,
    /// Fewer sites than are needed helped.
    #[error("{} of {} sites answered, {} are needed", .0.answered, .0.sites, .0.needed)]
    TooFewSites(Box<TooFewSites>),
    /// What was given cannot be used: an empty code, a key that is no key.
    #[error("{0}")]
    Input(String),
}

/// What is known after a code did not open anything.
#[derive(Debug)]
pub struct WrongCode {
    /// Whether it cost a try. A generated code that is wrong gets no vote and costs none.
    pub spent: bool,
    /// By votes that hold.
    pub tries_left: u8,
    /// So many of the sites must have lied, if the code is right after all.
    pub unless_lying: usize,
    /// The try, for the sites that did not answer: asking them costs nothing. None if all did.
    pub unfinished: Option<Box<Unfinished>>,
    pub notes: SiteNotes,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooFewSites {
    pub answered: usize,
    pub needed: usize,
    pub sites: usize,
    pub notes: SiteNotes,
}

/// What in a backup's header differs from the record that t sites showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderPart {
    /// It names a newer code than t sites know: it was altered, or these sites are behind.
    #[error("the code's version")]
    Version,
    #[error("the parameters that the code is stretched with")]
    Parameters,
    #[error("who made the code")]
    Origin,
    #[error("the fleet's keys")]
    Keys,
    /// Of an own code.
    #[error("the access key")]
    Access,
}

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
    #[error("it speaks an older version of the vault protocol")]
    OlderVersion,
    #[error("it asks to wait for {seconds} s")]
    Busy { seconds: u32 },
    #[error("it cannot serve now: {0}")]
    Unavailable(String),
    /// The session ended, and what was asked makes sense in that session alone.
    #[error("the session with it ended")]
    SessionLost,
    #[error(transparent)]
    Refused(#[from] Refusal),
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
