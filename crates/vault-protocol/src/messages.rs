//! The conversation inside a session: one [`Request`], one [`Response`], postcard-encoded.

use crate::DecodeError;
use crate::audit::AuditCounts;
use crate::ids::{AccountId, Point, TryId, Version};
use crate::limits::MAX_PLAINTEXT;
use crate::passkey::{Change, PasskeyBoxContents, PasskeyList, RosterUpdate, SiteNonce};
use crate::record::{CodeParameters, Record, Signature64};
use serde::{Deserialize, Serialize};

/// What a client asks of one site. Variants are appended, never reordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Tries left, version, parameters.
    Status { account: AccountId },
    /// Blind evaluation for a registration that is about to come; commits that it happened.
    EvaluateForRegistration { account: AccountId, version: Version, alpha: Point },
    /// Stores version 1, or replaces version v by v + 1; signed by the owner key.
    Register { record: Record, signature: Signature64 },
    /// Reserves a guess through consensus, then evaluates. Same alpha = same try.
    Evaluate { account: AccountId, version: Version, alpha: Point },
    /// Proves the right code to this site, in this round only: [`crate::confirm_proof`] with the site's tag.
    Confirm { account: AccountId, version: Version, try_id: TryId, proof: [u8; 32] },
    /// Destroys the account's boxes everywhere; signed by the owner key.
    Remove { account: AccountId, version: Version, signature: Signature64 },
    /// The account's history.
    Events { account: AccountId },
    /// A fresh statement of the site's device, and its counts signed now, for a verifier's own nonce.
    Prove { nonce: [u8; 32] },
    /// The account's passkeys.
    Passkeys { account: AccountId },
    /// A nonce towards registering a passkey with this change; commits that it was asked for.
    BeginPasskey { account: AccountId, change: Change },
    /// Adds a passkey, or removes whoever is not on the roster; signed by the owner key.
    SetRoster(RosterUpdate),
    /// A nonce towards one assertion.
    BeginRelease { account: AccountId },
    /// This site's share, for a valid assertion: AuthenticationResponseJSON (WebAuthn level 3, 5.1) without extension results.
    Release { account: AccountId, nonces: Vec<SiteNonce>, assertion: Vec<u8> },
}

/// A site's reply.
pub type Response = Result<Answer, Refusal>;

/// What a site says when it did what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Status(AccountStatus),
    /// beta = k_i * alpha.
    Evaluated {
        beta: Point,
    },
    Registered {
        version: Version,
    },
    /// beta = u_i * k_i * alpha; e_i; the commitment; tries left after this one; the round that a proof must name.
    Share {
        beta: Point,
        masked_share: [u8; 32],
        commitment: [u8; 32],
        tries_left: u8,
        round: u64,
    },
    /// `complete` once t sites' receipts are applied and the count is reset.
    Confirmed {
        complete: bool,
    },
    Removed,
    Events(Vec<AccountEvent>),
    Proof(LiveProof),
    Passkeys(PasskeyList),
    /// Good for this session, for one message, for [`crate::limits::NONCE_LIFETIME`] seconds.
    Nonce([u8; 32]),
    RosterSet {
        change: Change,
    },
    /// What was in this site's box.
    Released(PasskeyBoxContents),
}

/// A site's answer to a verifier: a device statement (spec/evidence.md section 2.4, purpose `live`) and counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveProof {
    /// Last entry of the device's log that the statement binds.
    pub head_number: u16,
    pub head_digest: [u8; 16],
    /// PEM of the throw-away key's attestation.
    pub certificate: String,
    /// PEM of the device's own certificate and those above it.
    pub device_chain: String,
    pub counts: AuditCounts,
    /// By the receipt key, over [`crate::live_counts_message`].
    pub signature: Signature64,
}

/// An account as this site sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountStatus {
    pub version: Version,
    pub epoch: u64,
    pub parameters: CodeParameters,
    pub tries_left: u8,
    /// Unix seconds before which the next try is refused; 0 if it may come at once.
    pub next_try_at: u64,
    /// The boxes are gone, by the limit or by the owner.
    pub destroyed: bool,
}

/// One line of an account's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// Unix seconds.
    pub at: u64,
    pub kind: EventKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Registered {
        version: Version,
    },
    Replaced {
        version: Version,
    },
    /// A guess was reserved.
    Tried {
        version: Version,
        tries_left: u8,
    },
    /// t sites saw the right code.
    Confirmed {
        version: Version,
    },
    /// The limit was reached and the boxes were destroyed.
    Destroyed,
    /// The owner removed the account.
    Removed,
    PasskeyAdded,
    /// A site verified it and the fleet wrote its counter down.
    PasskeyUsed,
    PasskeyRemoved,
    /// A site was shown a passkey that did not verify.
    PasskeyRefused,
}

/// Why a site did not do what was asked. A client can act on each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("the request could not be read")]
    Malformed,
    #[error("this fleet has no such account")]
    NoSuchAccount,
    #[error("the account is at version {current}")]
    WrongVersion { current: Version },
    #[error("no tries are left: the boxes are destroyed")]
    Destroyed,
    #[error("the next try may come at unix time {at}")]
    TooSoon { at: u64 },
    #[error("the owner's signature does not fit")]
    NotOwner,
    #[error("this try is not open at this site")]
    UnknownTry,
    #[error("the proof of the right code is wrong")]
    WrongTag,
    #[error("this account was registered at epoch {epoch}, which this fleet does not serve")]
    WrongEpoch { epoch: u64 },
    /// No majority, or the device is away; the try may have been spent.
    #[error("the site cannot serve now: {reason}")]
    Unavailable { reason: String },
    #[error("too many requests, wait {seconds} s")]
    Busy { seconds: u32 },
    /// A record is stored only after t sites evaluated for it, lately.
    #[error("too few sites evaluated for this registration, or too long ago")]
    NotEvaluated,
    #[error("the account has no such passkey")]
    NoSuchPasskey,
    /// Used up, expired, of another session or account, or missing from the list: begin again.
    #[error("the site's nonce is not the one of this session")]
    NonceMismatch,
    #[error("the passkey's answer does not verify")]
    PasskeyInvalid,
    /// They may hold the PRF output: the site read no further.
    #[error("the message carries extension results, which must never be sent")]
    ExtensionResults,
    #[error("the account's passkeys are at change {current}")]
    WrongChange { current: Change },
}

macro_rules! postcard_bytes {
    ($type:ty, $what:literal) => {
        impl WireMessage for $type {
            const WHAT: &'static str = $what;
        }
    };
}

trait WireMessage {
    const WHAT: &'static str;
}
postcard_bytes!(Request, "request");
postcard_bytes!(Response, "response");

fn decode<'a, T: WireMessage + Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    if bytes.len() > MAX_PLAINTEXT {
        return Err(DecodeError::TooLong { what: T::WHAT, len: bytes.len(), limit: MAX_PLAINTEXT });
    }
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|e| DecodeError::Malformed(T::WHAT, e.to_string()))?;
    match rest {
        [] => Ok(value),
        _ => Err(DecodeError::Malformed(T::WHAT, "bytes after the end".into())),
    }
}

impl Request {
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a request is plain data")
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode(bytes)
    }
}

impl Answer {
    /// Encodes a reply.
    pub fn response_to_bytes(response: &Response) -> Vec<u8> {
        postcard::to_allocvec(response).expect("a response is plain data")
    }

    /// Reads a reply.
    pub fn response_from_bytes(bytes: &[u8]) -> Result<Response, DecodeError> {
        decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_the_wire() {
        let request = Request::Evaluate { account: AccountId([7; 16]), version: 3, alpha: Point([4; 65]) };
        assert_eq!(Request::from_bytes(&request.to_bytes()), Ok(request));
    }

    #[test]
    fn bytes_after_the_end_are_refused() {
        let mut bytes = Request::Status { account: AccountId([7; 16]) }.to_bytes();
        bytes.push(0);
        assert!(Request::from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_released_share_is_64_bytes_on_the_wire_and_never_shown() {
        let response: Response = Ok(Answer::Released(PasskeyBoxContents { share: [171; 32], commitment: [171; 32] }));
        let bytes = Answer::response_to_bytes(&response);
        assert_eq!(bytes.len(), 2 + PasskeyBoxContents::LEN);
        let shown = format!("{response:?}");
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab"), "{shown}");
        assert_eq!(Answer::response_from_bytes(&bytes), Ok(response));
    }

    #[test]
    fn a_refusal_survives_the_wire() {
        let response: Response = Err(Refusal::TooSoon { at: 99 });
        assert_eq!(Answer::response_from_bytes(&Answer::response_to_bytes(&response)), Ok(response));
    }
}
