//! Nonces of t sites or more, each of one session, make one challenge.

use crate::collect::Collecting;
use crate::conversation::Lanes;
use crate::error::VaultError;
use crate::fleet::Fleet;
use crate::liars::{Liars, Lie};
use crate::site_notes::SiteNotes;
use crate::verdict;
use std::collections::BTreeSet;
use std::time::Duration;
use vault_facts::{Proofs, RealSignatures, VoteKeys};
use vault_protocol::{
    AccountId, Answer, Request, SiteIndex, SiteNonce, Statement, StatementOf, VoteKeyCertificate,
    passkey_challenge,
};

/// How long to wait for t sites. A person waits for the prompt.
const PATIENCE: Duration = Duration::from_secs(12);

/// Sites that gave a nonce and wait for the passkey's answer. A nonce is good for two minutes, and
/// for one answer in its own session.
pub struct Begun {
    pub(super) account: AccountId,
    pub(super) lanes: Lanes,
    pub(super) nonces: Vec<SiteNonce>,
    pub(super) tickets: Vec<Statement>,
    pub(super) vote_keys: VoteKeys,
    pub(super) liars: Liars,
    challenge: [u8; 32],
}

struct Nonce {
    nonce: [u8; 32],
    ticket: Statement,
    certificate: VoteKeyCertificate,
}

impl Begun {
    /// What the passkey has to sign.
    pub fn challenge(&self) -> [u8; 32] {
        self.challenge
    }

    /// Sites that wait for the answer.
    pub fn sites(&self) -> BTreeSet<SiteIndex> {
        self.nonces.iter().map(|nonce| nonce.site).collect()
    }

    pub(super) fn notes(&self) -> SiteNotes {
        SiteNotes { liars: self.liars.0.clone(), ..self.lanes.notes() }
    }
}

impl Fleet {
    /// Asks all sites for a nonce, before a passkey is made.
    ///
    /// # Errors
    /// [`VaultError::TooFewSites`], [`VaultError::Removed`], [`VaultError::OlderFleet`].
    pub async fn begin_passkey(&self, account: AccountId) -> Result<Begun, VaultError> {
        self.begin(account, Request::BeginPasskey { account }).await
    }

    /// Asks all sites for a nonce, before a passkey is used.
    ///
    /// # Errors
    /// As [`Fleet::begin_passkey`]; [`VaultError::NoSuchAccount`], [`VaultError::NoSuchPasskey`],
    /// [`VaultError::PasskeyTooSoon`].
    pub async fn begin_release(&self, account: AccountId) -> Result<Begun, VaultError> {
        self.begin(account, Request::BeginRelease { account }).await
    }

    async fn begin(&self, account: AccountId, request: Request) -> Result<Begun, VaultError> {
        let mut lanes = Lanes::new(self, Some(account), PATIENCE);
        let mut plan = Collecting::new(&self.known, request, nonce, lanes.now() + PATIENCE);
        lanes.run(&mut plan).await;
        let mut begun = Begun {
            account,
            nonces: Vec::new(),
            tickets: Vec::new(),
            vote_keys: VoteKeys::default(),
            liars: std::mem::take(&mut plan.liars),
            challenge: [0; 32],
            lanes,
        };
        for (site, given) in plan.answers {
            self.take(&mut begun, site, &given);
        }
        if begun.nonces.len() < self.known.threshold() {
            let (answered, notes) = (begun.nonces.len(), begun.notes());
            return Err(verdict::refused(&self.known, answered, notes));
        }
        begun.challenge = passkey_challenge(&self.keys(), &account, &begun.nonces);
        Ok(begun)
    }

    fn take(&self, begun: &mut Begun, site: SiteIndex, given: &Nonce) {
        let Some(handshake) = begun.lanes.handshake(site) else { return };
        let Nonce { nonce, ticket, certificate } = given;
        begun.nonces.push(SiteNonce { site, nonce: *nonce, handshake });
        begun.vote_keys.learn(&self.known.keys, &RealSignatures, certificate);
        let proofs = Proofs {
            keys: &self.known.keys,
            vote_keys: &begun.vote_keys,
            signatures: &RealSignatures,
        };
        let of = StatementOf::Ticket { account: begun.account };
        if ticket.site == site && proofs.said(&of, ticket) {
            begun.tickets.push(*ticket);
        } else {
            begun.liars.caught(site, Lie::WrongStatement("a ticket"));
        }
    }
}

fn nonce(answer: Answer) -> Option<Nonce> {
    match answer {
        Answer::Nonce { nonce, ticket, certificate } => Some(Nonce { nonce, ticket, certificate }),
        _ => None,
    }
}
