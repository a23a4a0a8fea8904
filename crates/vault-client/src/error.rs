use crate::transport::TransportError;
use recovery_crypto::oprf::OprfError;
use recovery_crypto::session::SessionError;
use vault_protocol::{BundleId, Refusal, SiteIndex};

/// Why the fleet as a whole did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The code is wrong; `tries_left` as most sites say.
    #[error("the recovery code is wrong, {tries_left} tries are left")]
    WrongCode { tries_left: u8 },
    #[error("no tries are left: the sealed boxes were destroyed")]
    Destroyed,
    /// Unix seconds before which every try is refused.
    #[error("the next try may come at unix time {at}")]
    TooSoon { at: u64 },
    #[error("this fleet has no such account")]
    NoSuchAccount,
    #[error("the account is at version {current}")]
    WrongVersion { current: u32 },
    #[error("the owner's signature does not fit this account")]
    NotOwner,
    #[error("the account has no such passkey")]
    NoSuchPasskey,
    #[error("the passkey's answer does not verify")]
    PasskeyInvalid,
    /// Another computer changed the passkeys meanwhile.
    #[error("the account's passkeys are at change {current}")]
    WrongChange { current: u32 },
    /// The person took too long, or a site was restarted meanwhile.
    #[error("the sites' challenge is used up or expired")]
    ChallengeExpired,
    /// Fewer sites than the threshold could be asked.
    #[error("{answered} of {sites} sites answered, {needed} are needed")]
    TooFewSites { answered: usize, needed: usize, sites: usize, problems: Vec<(SiteIndex, SiteProblem)> },
    #[error("registration failed: {0}")]
    Registration(String),
    #[error(transparent)]
    Input(#[from] OprfError),
}

/// Why one site did not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteProblem {
    #[error(transparent)]
    Network(#[from] TransportError),
    /// It does not hold the fleet key, or something on the way changed the messages.
    #[error("it could not prove that it is part of the fleet")]
    NotAuthentic,
    /// It serves another epoch: fetch and verify that bundle first.
    #[error("it serves another bundle ({0})")]
    OtherBundle(BundleId),
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
