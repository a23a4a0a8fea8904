//! Why the fleet did not do what was asked.

use crate::errand::Carried;
use crate::recover::Unfinished;
use crate::site_notes::SiteNotes;
use vault_protocol::{KeysDigest, RosterNumber, Version};

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
    OldCode {
        /// The one that t sites showed.
        current: Version,
    },
    /// The account was made with other keys of this fleet, or at another fleet.
    #[error("the account is of keys {keys}, which are not this fleet's")]
    OtherKeys {
        /// The keys that it was made with.
        keys: KeysDigest,
    },
    /// T sites say so.
    #[error("this fleet has no such account")]
    NoSuchAccount,
    /// There are passkeys, but no code.
    #[error("the account has no recovery code")]
    NoCode,
    /// The owner's signed word.
    #[error("the owner removed the account")]
    Removed,
    /// Nothing brings this code back.
    #[error("no tries are left: the sealed boxes were destroyed")]
    Destroyed,
    /// The tries of an own code are used up; its owner may give them back until then.
    #[error("no tries are left: the code is frozen for {seconds} s")]
    Frozen {
        /// Until it is destroyed, as most sites say.
        seconds: u64,
    },
    /// After several wrong tries, which votes show.
    #[error("the next try may come in {seconds} s")]
    TooSoon {
        /// As most sites say.
        seconds: u64,
    },
    /// A try that a quorum voted for was not evaluated by enough sites. It is not lost: the same
    /// try can be asked for again.
    #[error("{} of {} sites evaluated the try, {} are needed", .0.evaluated(), .0.sites(), .0.needed())]
    Unfinished(Box<Unfinished>),
    /// The code is right, which votes show, but no t of the answers are what the owner dealt: sites
    /// lied, or their devices are broken. The try is not lost.
    #[error("the sites' answers do not fit together, although the code is right")]
    FalseShares(Box<Unfinished>),
    /// Another computer changed the passkeys since they were seen.
    #[error("the account's roster of passkeys is number {current}")]
    WrongRoster {
        /// The number that it has now.
        current: RosterNumber,
    },
    /// It was never added, or removed.
    #[error("the account has no such passkey")]
    NoSuchPasskey,
    /// The sites did not accept the assertion.
    #[error("the passkey's answer does not verify")]
    PasskeyInvalid,
    /// The person took too long, or a site was restarted meanwhile.
    #[error("the sites' challenge is used up or expired")]
    ChallengeExpired,
    /// After answers that did not verify: unix seconds, as most sites say.
    #[error("the next passkey may be shown at unix time {at}")]
    PasskeyTooSoon {
        /// Unix seconds.
        at: u64,
    },
    /// Fewer than t sites stored what was registered. It may come into force all the same, when
    /// those that did tell the others.
    #[error("{} of {} sites stored it", .0.spread.count(), .0.spread.sites())]
    NotStored(Box<Carried>),
    /// The backup is not of this account.
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
    /// What there is to say of single sites.
    pub notes: SiteNotes,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooFewSites {
    /// Sites that answered.
    pub answered: usize,
    /// Sites that are needed.
    pub needed: usize,
    /// Sites of the fleet.
    pub sites: usize,
    /// Why the others did not.
    pub notes: SiteNotes,
}

/// What in a backup's header differs from the record that t sites showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderPart {
    /// It names a newer code than t sites know: it was altered, or these sites are behind.
    #[error("the code's version")]
    Version,
    /// With others the same code gives another key.
    #[error("the parameters that the code is stretched with")]
    Parameters,
    /// It decides what wrong guesses cost.
    #[error("who made the code")]
    Origin,
    /// The account was made with other ones.
    #[error("the fleet's keys")]
    Keys,
    /// Of an own code.
    #[error("the access key")]
    Access,
}
