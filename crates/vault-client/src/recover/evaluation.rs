//! Shares of one certified try, and what they open (spec/vault-protocol.md section 9).

use crate::fleet::Known;
use recovery_crypto::oprf::Blinded;
use recovery_crypto::{Opened, RecoverError, ShareAnswer, recover};
use std::collections::BTreeMap;
use vault_protocol::{Certificate, Record, Refusal, SiteIndex, TryId};

/// A certified try, and the answers to it so far.
pub(crate) struct Evaluation {
    pub certificate: Certificate,
    pub id: TryId,
    pub blinded: Blinded,
    /// That t sites showed before the try: it holds the commitment to all shares.
    pub record: Record,
    shares: BTreeMap<SiteIndex, ShareAnswer>,
    refusals: BTreeMap<SiteIndex, Refusal>,
}

/// What the answers so far come to.
pub(crate) enum Shares {
    Open(Box<Opened>),
    /// No t of them lie on the polynomial that the owner committed to.
    DoNotOpen,
    TooFew,
}

impl Evaluation {
    pub(super) fn new(
        certificate: Certificate,
        id: TryId,
        blinded: Blinded,
        record: Record,
    ) -> Self {
        let shares = BTreeMap::new();
        Self { certificate, id, blinded, record, shares, refusals: BTreeMap::new() }
    }

    pub(super) fn has_heard(&self, site: SiteIndex) -> bool {
        self.shares.contains_key(&site) || self.refusals.contains_key(&site)
    }

    /// The first answer of a site counts.
    pub(super) fn share(&mut self, answer: ShareAnswer) {
        self.refusals.remove(&answer.site);
        self.shares.entry(answer.site).or_insert(answer);
    }

    pub(super) fn refused(&mut self, site: SiteIndex, refusal: Refusal) {
        self.refusals.insert(site, refusal);
    }

    /// Sites that evaluated it.
    pub(super) fn evaluated(&self) -> usize {
        self.shares.len()
    }

    /// Asks sites that refused before once more.
    pub(super) fn ask_again(&mut self) {
        self.refusals.clear();
    }

    pub(super) fn open(&self, known: &Known) -> Shares {
        let answers: Vec<_> = self.shares.values().cloned().collect();
        match recover(known.bundle(), &self.record, &self.blinded, &answers) {
            Ok(opened) => Shares::Open(Box::new(opened)),
            Err(RecoverError::WrongCode) => Shares::DoNotOpen,
            Err(RecoverError::TooFewSites { .. }) => Shares::TooFew,
        }
    }
}
