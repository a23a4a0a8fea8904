//! Where a site keeps its accounts: one account at a time, atomically and durably.
//!
//! An engine need not be trusted: a store that is set back shows in the device's log, and what it
//! can lose without device work is votes (spec/vault-protocol.md section 12). Every engine passes
//! one conformance suite (tests/accounts).

mod compare;
mod memory;
pub mod sqlite;

pub use compare::is_news;
pub use memory::MemoryStore;
pub use sqlite::SqliteStore;

use std::future::Future;
use vault_protocol::{
    AccountId, AccountTag, Equivocation, EvaluatedHead, EvaluatedTry, SiteIndex, VoteKey,
    VoteKeyCertificate,
};
use vault_state::SiteAccount;

/// Why a store did not do what was asked. Nothing of the step it was asked for has happened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It may take the same later: the disk is full, the engine is away.
    #[error("the site's storage failed: {0}")]
    Failed(String),
    /// What it holds cannot be read.
    #[error("the site's storage holds what it cannot read: {0}")]
    Corrupt(String),
}

/// What a step decided about one account: an answer for its caller, and what is to be stored before
/// the caller sees it.
pub struct Step<T> {
    /// For the caller, once what is to be stored is stored.
    pub answer: T,
    /// None: nothing changed.
    pub write: Option<Write>,
}

/// What one step stores, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Write {
    /// The account from now on. None: it is forgotten.
    pub account: Option<SiteAccount>,
    /// Unix seconds at which the site has to look at it without being asked.
    pub wake_at: Option<u64>,
    /// Of vote keys that the account's statements are signed with and that may not be stored yet.
    pub vote_keys: Vec<VoteKeyCertificate>,
    /// Goes to the end of the chain of evaluated tries.
    pub evaluated: Option<EvaluatedTry>,
    /// Evaluations begun again.
    pub repeats: u64,
    /// Sites that voted twice in one slot, with both votes.
    pub equivocations: Vec<Equivocation>,
}

/// What a site counts beside its accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Length and last digest of the chain of evaluated tries.
    pub evaluated: u64,
    /// See `evaluated`.
    pub evaluated_head: EvaluatedHead,
    /// Single evaluations towards registrations.
    pub registration_evaluations: u64,
    /// Evaluations begun again after one came to no end.
    pub repeats: u64,
}

/// Accounts changed since a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each once, in the order of its last change.
    pub accounts: Vec<AccountId>,
    /// Number to ask from next.
    pub next: u64,
}

/// One site's accounts, and what belongs to them.
///
/// Every method is durable on return if it writes, and sees everything that returned before it was
/// called. What a method returns for is kept through a crash of the program, of the engine and of
/// the machine.
pub trait AccountStore: Send + Sync + 'static {
    /// The account as it is stored, if there is one.
    ///
    /// # Errors
    /// [`StoreError`]; so for all that follow.
    fn read(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<SiteAccount>, StoreError>> + Send;

    /// Runs `step` on the account as it is, and stores what it says: no other step for the account
    /// comes between. A caller that goes away does not stop it half-way.
    fn update<T: Send + 'static>(
        &self,
        account: AccountId,
        step: impl FnOnce(Option<SiteAccount>) -> Step<T> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// Whether there is an account with this tag.
    fn knows(&self, tag: AccountTag) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Counts evaluations towards registrations.
    fn count_registrations(
        &self,
        evaluations: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Counts uses of the device whose answer was lost, or that were begun again.
    fn count_repeats(&self, repeats: u64) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is counted beside the accounts.
    fn totals(&self) -> impl Future<Output = Result<Totals, StoreError>> + Send;

    /// The chain of evaluated tries, from `from` (1 is the first), at most `limit` of them.
    fn evaluated(
        &self,
        from: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<EvaluatedTry>, StoreError>> + Send;

    /// Accounts whose record, roster, passkeys, removal or round changed here from change `from` on
    /// (1 is the first), at most `limit` of them.
    fn changed_since(
        &self,
        from: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Changes, StoreError>> + Send;

    /// Accounts that are to be looked at by `now`, earliest first.
    fn due(
        &self,
        now: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<AccountId>, StoreError>> + Send;

    /// Stores the certificate of a vote key, of whichever site.
    fn keep_vote_key(
        &self,
        certificate: VoteKeyCertificate,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The certificates of those of these vote keys that are stored.
    fn vote_keys(
        &self,
        wanted: Vec<(SiteIndex, VoteKey)>,
    ) -> impl Future<Output = Result<Vec<VoteKeyCertificate>, StoreError>> + Send;

    /// Certificates of one site's vote keys, in the order in which they were stored.
    fn vote_keys_of(
        &self,
        site: SiteIndex,
        from: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<VoteKeyCertificate>, StoreError>> + Send;

    /// Proofs that a site voted twice: at most [`MAX_EQUIVOCATIONS`] of one site.
    fn equivocations(&self) -> impl Future<Output = Result<Vec<Equivocation>, StoreError>> + Send;

    /// The number from which to ask a peer for its changes; 1 if it was never asked.
    fn peer_mark(&self, peer: SiteIndex) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Notes up to which change a peer's accounts were pulled.
    fn set_peer_mark(
        &self,
        peer: SiteIndex,
        next: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// One proof is enough to name a site; a few show that it was no accident. Under 400 bytes each.
pub const MAX_EQUIVOCATIONS: usize = 16;

impl<T> Step<T> {
    /// Nothing changed.
    pub fn unchanged(answer: T) -> Self {
        Self { answer, write: None }
    }

    /// With something to store.
    pub fn write(answer: T, write: Write) -> Self {
        Self { answer, write: Some(write) }
    }
}
