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
    Show {
        /// Which account.
        account: AccountId,
    },
    /// k_i * alpha and k_i * check, towards a registration.
    EvaluateForRegistration {
        /// The account that is to be made, or has to be changed.
        account: AccountId,
        /// The blinded code.
        alpha: Point,
        /// A second point, by which the client sees that the site used the key of the bundle.
        check: Point,
    },
    /// Stores a record. An account that the site does not know needs an admission.
    Register {
        /// The code's record with its boxes.
        record: Box<SealedRecord>,
        /// Why a site should take an account that is new to it.
        admission: Option<Admission>,
        /// What the site may not know yet.
        news: News,
    },
    /// Asks for the site's one vote for a slot.
    Vote {
        /// What is asked for.
        tried: Try,
        /// What the site may not know yet.
        news: News,
    },
    /// Asks for the evaluation of a try that a quorum voted for.
    Evaluate {
        /// The try with the votes of a quorum.
        certificate: Certificate,
        /// The blinded code, whose digest the try names.
        alpha: Point,
        /// What the site may not know yet.
        news: News,
    },
    /// Shows this site the right code, for one try: [`crate::confirm_proof`] with the site's tag.
    Confirm {
        /// Whose code it is.
        account: AccountId,
        /// The try that was right.
        tried: TryId,
        /// For this site alone.
        proof: [u8; 32],
    },
    /// Tells a site facts, and asks what it acknowledges.
    Learn {
        /// Which account.
        account: AccountId,
        /// What the site may not know yet.
        news: News,
    },
    /// The account's history at this site.
    Events {
        /// Which account.
        account: AccountId,
    },
    /// A fresh statement of the site's device, and its counts signed now, for a verifier's own
    /// nonce.
    Prove {
        /// Random: an answer to an earlier one does not fit it.
        nonce: [u8; 32],
    },
    /// A nonce towards registering a passkey.
    BeginPasskey {
        /// Which account.
        account: AccountId,
    },
    /// The owner's word on the passkeys, in `news`, with the passkey that it adds. An account that
    /// the site does not know needs an admission.
    SetRoster {
        /// Holds the roster.
        news: News,
        /// The passkey that the roster adds, if it adds one.
        added: Option<Box<PasskeyRecord>>,
        /// Why a site should take an account that is new to it.
        admission: Option<Admission>,
    },
    /// A nonce towards one assertion.
    BeginRelease {
        /// Which account.
        account: AccountId,
    },
    /// This site's share, for a valid assertion: AuthenticationResponseJSON (WebAuthn level 3, 5.1)
    /// without extension results.
    Release {
        /// Which account.
        account: AccountId,
        /// Of t sites, this one's among them: the challenge is made of them.
        nonces: Vec<SiteNonce>,
        /// The passkey's answer, JSON.
        assertion: Vec<u8>,
    },
}

/// A site's reply.
pub type Response = Result<Answer, Refusal>;

/// What a site says when it did what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Request::Show`].
    Shown(Box<Shown>),
    /// Two evaluations, of which the second shows that the first is right; and a ticket.
    Evaluated {
        /// k_i * alpha.
        beta: Point,
        /// k_i * check.
        check: Point,
        /// Signs [`crate::StatementOf::Ticket`].
        ticket: Statement,
        /// Of the vote key that signed the ticket.
        certificate: VoteKeyCertificate,
    },
    /// What this site's own state says, and what other sites have told it of theirs.
    Acknowledged {
        /// Of different sites, each on its own state.
        words: Vec<Acknowledgement>,
        /// Of the vote keys that signed them.
        certificates: Vec<VoteKeyCertificate>,
    },
    /// To [`Request::Vote`].
    Voted(Statement),
    /// The site's vote for this slot went to another try.
    VotedBefore(SlotVote),
    /// beta = u_i * k_i * alpha; e_i.
    Share {
        /// u_i * k_i * alpha.
        beta: Point,
        /// e_i: the share, masked.
        masked_share: [u8; 32],
    },
    /// To [`Request::Confirm`]: signs [`crate::StatementOf::Receipt`].
    Receipt(Statement),
    /// To [`Request::Events`], oldest first.
    Events(Vec<AccountEvent>),
    /// To [`Request::Prove`].
    Proof(Box<LiveProof>),
    /// Good for this session, for one message, for [`crate::limits::NONCE_LIFETIME`] seconds.
    Nonce {
        /// Random, from the site.
        nonce: [u8; 32],
        /// Signs [`crate::StatementOf::Ticket`].
        ticket: Statement,
        /// Of the vote key that signed the ticket.
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
    /// The newest that the site has; none where there are passkeys alone.
    pub record: Option<SignedRecord>,
    /// What proves itself, from whichever site it came.
    pub news: News,
    /// Those on the roster that the site has.
    pub passkeys: Vec<PasskeyStatus>,
    /// What the site says of itself alone.
    pub own: OwnState,
}

/// What a site says of itself alone: nothing that anyone else can prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnState {
    /// Whether it can be guessed here.
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
    /// It can be guessed.
    Open,
    /// An own code whose tries are used up; its boxes are destroyed then, unless the owner gives
    /// the tries back.
    Frozen {
        /// Unix seconds.
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
    /// The chain's digest at that entry.
    pub head_digest: [u8; 16],
    /// PEM of the throw-away key's attestation.
    pub certificate: String,
    /// PEM of the device's own certificate and those above it.
    pub device_chain: String,
    /// The site's, as they are now.
    pub counts: AuditCounts,
    /// By the receipt key, over [`crate::live_counts_message`].
    pub signature: Signature64,
}

/// One line of an account's history at one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// Unix seconds, by the site's clock.
    pub at: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What can happen to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The account's first code.
    Registered {
        /// Of the code.
        version: Version,
    },
    /// A new code took the place of the one before.
    Replaced {
        /// Of the new code.
        version: Version,
    },
    /// The site voted for a try.
    Tried {
        /// Of the code.
        version: Version,
        /// Which try of the round.
        slot: Slot,
    },
    /// t sites saw the right code.
    Confirmed {
        /// The round that ended.
        round: Round,
    },
    /// The owner gave the tries back.
    Reset {
        /// The round that ended.
        round: Round,
    },
    /// The tries of an own code are used up.
    Frozen,
    /// The tries are used up, and the site destroyed its box.
    Destroyed,
    /// The owner removed the account.
    Removed,
    /// The owner added one.
    PasskeyAdded,
    /// The site verified it.
    PasskeyUsed,
    /// The owner removed one.
    PasskeyRemoved,
    /// The site was shown a passkey that did not verify.
    PasskeyRefused,
}

/// Why a site did not do what was asked. A client can act on each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Not a request, or one that breaks a bound.
    #[error("the request could not be read")]
    Malformed,
    /// Nobody registered one with this id here.
    #[error("this site has no such account")]
    NoSuchAccount,
    /// Newer than what was named; or older, and the site lags behind.
    #[error("the account is at version {current}")]
    WrongVersion {
        /// The one that the site has.
        current: Version,
    },
    /// The round that was named is over, or did not begin.
    #[error("the account is in round {current}")]
    WrongRound {
        /// The one that the site has.
        current: Round,
    },
    /// Slots are spent in order.
    #[error("the next slot is {next}")]
    WrongSlot {
        /// The one that can be asked for.
        next: Slot,
    },
    /// Nothing brings this code back.
    #[error("no tries are left: the site's box is destroyed")]
    Destroyed,
    /// The tries of an own code are used up; the owner can give them back until then.
    #[error("no tries are left: the code is frozen until unix time {until}")]
    Frozen {
        /// Unix seconds.
        until: u64,
    },
    /// Nothing of it is left.
    #[error("the owner removed the account")]
    Removed,
    /// Wrong tries make the next one wait.
    #[error("the next try may come at unix time {at}, by this site's clock")]
    TooSoon {
        /// Unix seconds.
        at: u64,
    },
    /// The try's time is too far from the site's clock.
    #[error("this site's clock says unix time {clock}")]
    WrongTime {
        /// Unix seconds.
        clock: u64,
    },
    /// Only the owner may do this.
    #[error("the owner's signature does not fit")]
    NotOwner,
    /// A wrong code, if the access key was derived from it: no try was spent.
    #[error("the try is not signed with the account's access key")]
    WrongAccess,
    /// No quorum of sites voted for the try, as far as this site can see.
    #[error("too few of the votes hold")]
    NotCertified,
    /// Each slot is good for one try.
    #[error("another try of this slot was evaluated here")]
    SlotUsed,
    /// The site was away when the code was registered, or its device is another one now.
    #[error("this site has no box of this code that its device opens")]
    NoBox,
    /// Nothing was evaluated that could be confirmed.
    #[error("this try was not evaluated here in this round")]
    UnknownTry,
    /// Whoever shows it does not have the right code.
    #[error("the proof of the right code is wrong")]
    WrongTag,
    /// A signature or a proof in the message is wrong.
    #[error("a fact does not prove itself")]
    Unproved,
    /// These keys cannot open its boxes.
    #[error("the account was registered with other keys of this fleet")]
    WrongKeys {
        /// The keys that it was registered with.
        keys: KeysDigest,
    },
    /// The device is away, or the site's storage; nothing was spent at this site that a repetition
    /// would not find again.
    #[error("the site cannot serve now: {reason}")]
    Unavailable {
        /// For an engineer.
        reason: String,
    },
    /// Others have to be served first.
    #[error("too many requests, wait {seconds} s")]
    Busy {
        /// How long to wait.
        seconds: u32,
    },
    /// An unknown account is taken only after t sites were asked for it.
    #[error("the account needs tickets of more sites")]
    NotAdmitted,
    /// It was never added, or removed.
    #[error("the account has no such passkey")]
    NoSuchPasskey,
    /// Used up, expired, of another session or account, or missing from the list: begin again.
    #[error("the site's nonce is not the one of this session")]
    NonceMismatch,
    /// The assertion is not this passkey's, or not for this challenge.
    #[error("the passkey's answer does not verify")]
    PasskeyInvalid,
    /// They may hold the PRF output: the site read no further.
    #[error("the message carries extension results, which must never be sent")]
    ExtensionResults,
    /// The change was made against another roster than the site has.
    #[error("the account's roster of passkeys is number {current}")]
    WrongRoster {
        /// The number of the site's.
        current: RosterNumber,
    },
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
    /// As it is sent in a session.
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
