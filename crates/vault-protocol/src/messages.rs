//! The conversation inside a session: one [`Request`], one [`Response`], postcard-encoded.

use crate::DecodeError;
use crate::audit::AuditCounts;
use crate::guess::{Certificate, SlotVote, Try};
use crate::ids::{AccountId, KeysDigest, Point, Round, Slot, TryId, Version};
use crate::limits::MAX_PLAINTEXT;
use crate::news::{Admission, News};
use crate::passkey::{PasskeyRecord, PasskeyShare, PasskeyStatus, RosterNumber, SiteNonce};
use crate::record::{SealedRecord, Signature64, SignedRecord};
use crate::statement::{Acknowledgement, Statement, VoteKeyCertificate};
use serde::{Deserialize, Serialize};

/// What a client asks of one site. Variants are appended, never reordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// What the site can prove about an account, and where it stands itself.
    Show { account: AccountId },
    /// k_i * alpha and k_i * check, towards a registration.
    EvaluateForRegistration { account: AccountId, alpha: Point, check: Point },
    /// Stores a record. An account that the site does not know needs an admission.
    Register { record: Box<SealedRecord>, admission: Option<Admission>, news: News },
    /// Asks for the site's one vote for a slot.
    Vote { tried: Try, news: News },
    /// Asks for the evaluation of a try that a quorum voted for.
    Evaluate { certificate: Certificate, alpha: Point, news: News },
    /// Shows this site the right code, for one try: [`crate::confirm_proof`] with the site's tag.
    Confirm { account: AccountId, tried: TryId, proof: [u8; 32] },
    /// Tells a site facts, and asks what it acknowledges.
    Learn { account: AccountId, news: News },
    /// The account's history at this site.
    Events { account: AccountId },
    /// A fresh statement of the site's device, and its counts signed now, for a verifier's own
    /// nonce.
    Prove { nonce: [u8; 32] },
    /// A nonce towards registering a passkey.
    BeginPasskey { account: AccountId },
    /// The owner's word on the passkeys, in `news`, with the passkey that it adds. An account that
    /// the site does not know needs an admission.
    SetRoster { news: News, added: Option<Box<PasskeyRecord>>, admission: Option<Admission> },
    /// A nonce towards one assertion.
    BeginRelease { account: AccountId },
    /// This site's share, for a valid assertion: AuthenticationResponseJSON (WebAuthn level 3, 5.1)
    /// without extension results.
    Release { account: AccountId, nonces: Vec<SiteNonce>, assertion: Vec<u8> },
}

/// A site's reply.
pub type Response = Result<Answer, Refusal>;

/// What a site says when it did what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Shown(Box<Shown>),
    /// Two evaluations, of which the second shows that the first is right; and a ticket.
    Evaluated {
        beta: Point,
        check: Point,
        ticket: Statement,
        certificate: VoteKeyCertificate,
    },
    /// What this site's own state says, and what other sites have told it of theirs.
    Acknowledged {
        words: Vec<Acknowledgement>,
        certificates: Vec<VoteKeyCertificate>,
    },
    Voted(Statement),
    /// The site's vote for this slot went to another try.
    VotedBefore(SlotVote),
    /// beta = u_i * k_i * alpha; e_i.
    Share {
        beta: Point,
        masked_share: [u8; 32],
    },
    Receipt(Statement),
    Events(Vec<AccountEvent>),
    Proof(Box<LiveProof>),
    /// Good for this session, for one message, for [`crate::limits::NONCE_LIFETIME`] seconds.
    Nonce {
        nonce: [u8; 32],
        ticket: Statement,
        certificate: VoteKeyCertificate,
    },
    /// What was in this site's box.
    Released(PasskeyShare),
}

/// An account as a site shows it to whoever knows its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The site's clock, unix seconds.
    pub clock: u64,
    /// Of the site's vote key.
    pub certificate: VoteKeyCertificate,
    pub record: Option<SignedRecord>,
    pub news: News,
    /// Those on the roster that the site has.
    pub passkeys: Vec<PasskeyStatus>,
    pub own: OwnState,
}

/// What a site says of itself alone: nothing that anyone else can prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnState {
    pub code: CodeState,
    /// It has a box that its device opens.
    pub has_box: bool,
    /// Unix seconds by its own clock before which it votes for nothing; 0 if it may at once.
    pub next_vote_at: u64,
}

/// What has become of a code at one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// There are passkeys alone.
    None,
    Open,
    /// An own code whose tries are used up; its boxes are destroyed then, unless the owner gives
    /// the tries back.
    Frozen {
        until: u64,
    },
    /// The tries are used up, and this site's box is gone.
    Destroyed,
    /// The owner ended the account.
    Removed,
}

/// A site's answer to a verifier: a device statement (spec/evidence.md section 2.4, purpose `live`)
/// and counts.
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

/// One line of an account's history at one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// Unix seconds, by the site's clock.
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
    /// The site voted for a try.
    Tried {
        version: Version,
        slot: Slot,
    },
    /// t sites saw the right code.
    Confirmed {
        round: Round,
    },
    /// The owner gave the tries back.
    Reset {
        round: Round,
    },
    /// The tries of an own code are used up.
    Frozen,
    /// The tries are used up, and the site destroyed its box.
    Destroyed,
    /// The owner removed the account.
    Removed,
    PasskeyAdded,
    /// The site verified it.
    PasskeyUsed,
    PasskeyRemoved,
    /// The site was shown a passkey that did not verify.
    PasskeyRefused,
}

/// Why a site did not do what was asked. A client can act on each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("the request could not be read")]
    Malformed,
    #[error("this site has no such account")]
    NoSuchAccount,
    /// Newer than what was named; or older, and the site lags behind.
    #[error("the account is at version {current}")]
    WrongVersion { current: Version },
    #[error("the account is in round {current}")]
    WrongRound { current: Round },
    /// Slots are spent in order.
    #[error("the next slot is {next}")]
    WrongSlot { next: Slot },
    #[error("no tries are left: the site's box is destroyed")]
    Destroyed,
    #[error("no tries are left: the code is frozen until unix time {until}")]
    Frozen { until: u64 },
    #[error("the owner removed the account")]
    Removed,
    #[error("the next try may come at unix time {at}, by this site's clock")]
    TooSoon { at: u64 },
    /// The try's time is too far from the site's clock.
    #[error("this site's clock says unix time {clock}")]
    WrongTime { clock: u64 },
    #[error("the owner's signature does not fit")]
    NotOwner,
    /// A wrong code, if the access key was derived from it: no try was spent.
    #[error("the try is not signed with the account's access key")]
    WrongAccess,
    #[error("too few of the votes hold")]
    NotCertified,
    #[error("another try of this slot was evaluated here")]
    SlotUsed,
    #[error("this site has no box of this code that its device opens")]
    NoBox,
    #[error("this try was not evaluated here in this round")]
    UnknownTry,
    #[error("the proof of the right code is wrong")]
    WrongTag,
    #[error("a fact does not prove itself")]
    Unproved,
    #[error("the account was registered with other keys of this fleet")]
    WrongKeys { keys: KeysDigest },
    /// The device is away, or the site's storage; nothing was spent at this site that a repetition
    /// would not find again.
    #[error("the site cannot serve now: {reason}")]
    Unavailable { reason: String },
    #[error("too many requests, wait {seconds} s")]
    Busy { seconds: u32 },
    /// An unknown account is taken only after t sites were asked for it.
    #[error("the account needs tickets of more sites")]
    NotAdmitted,
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
    #[error("the account's roster of passkeys is number {current}")]
    WrongRoster { current: RosterNumber },
}

trait WireMessage {
    const WHAT: &'static str;
}

impl WireMessage for Request {
    const WHAT: &'static str = "request";
}

impl WireMessage for Response {
    const WHAT: &'static str = "response";
}

fn decode<'a, T: WireMessage + Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    if bytes.len() > MAX_PLAINTEXT {
        let len = bytes.len();
        return Err(DecodeError::TooLong { what: T::WHAT, len, limit: MAX_PLAINTEXT });
    }
    let malformed = |e: postcard::Error| DecodeError::Malformed(T::WHAT, e.to_string());
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(malformed)?;
    match rest {
        [] => Ok(value),
        _ => Err(DecodeError::Malformed(T::WHAT, "bytes after the end".into())),
    }
}

impl Request {
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a request is plain data")
    }

    /// # Errors
    /// [`DecodeError`]: too long, not a request, or bytes after its end.
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
    ///
    /// # Errors
    /// [`DecodeError`]: too long, not a response, or bytes after its end.
    pub fn response_from_bytes(bytes: &[u8]) -> Result<Response, DecodeError> {
        decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_the_wire() {
        let request = Request::Show { account: AccountId([7; 16]) };
        assert_eq!(Request::from_bytes(&request.to_bytes()), Ok(request));
    }

    #[test]
    fn bytes_after_the_end_are_refused() {
        let mut bytes = Request::Show { account: AccountId([7; 16]) }.to_bytes();
        bytes.push(0);
        assert!(Request::from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_released_share_is_never_shown() {
        let response = Ok(Answer::Released(PasskeyShare([7; 32])));
        let bytes = Answer::response_to_bytes(&response);
        assert_eq!(Answer::response_from_bytes(&bytes), Ok(response.clone()));
        assert!(!format!("{response:?}").contains('7'));
    }
}
