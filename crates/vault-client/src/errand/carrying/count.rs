//! Acknowledgements and receipts count by their signatures.

use super::Carrying;
use crate::errand::{Cargo, Confirmation};
use crate::liars::Lie;
use std::collections::BTreeSet;
use vault_facts::RealSignatures;
use vault_protocol::{
    Acknowledgement, News, RoundEnd, RoundEndProof, SiteIndex, Statement, StatementOf, Version,
    VoteKeyCertificate,
};

/// Words of one answer that are looked at: three subjects of each of seven sites.
const MAX_WORDS: usize = 21;

impl Carrying {
    /// An errand comes from a file.
    pub(super) fn leave_what_does_not_hold(&mut self) {
        let goal = self.errand.goal();
        let words = std::mem::take(&mut self.errand.words);
        for word in words {
            let by = word.statement.site;
            let counted = self.errand.words.iter().any(|known| known.statement.site == by);
            let holds = self.proofs().acknowledged(self.errand.account, &word);
            if !counted && holds && goal.is_reached_by(&word.subject) {
                self.errand.words.push(word);
            }
        }
        let Cargo::Confirmation(confirmation) = &mut self.errand.cargo else { return };
        for receipt in std::mem::take(&mut confirmation.receipts) {
            self.take_receipt(receipt);
        }
        self.end_round();
    }

    pub(super) fn learn(&mut self, certificate: &VoteKeyCertificate) {
        let certified = self.vote_keys.learn(&self.known.keys, &RealSignatures, certificate);
        if certified && !self.errand.certificates.contains(certificate) {
            self.errand.certificates.push(*certificate);
        }
    }

    /// A site's word, as it passed on its own and others'.
    pub(crate) fn acknowledged(
        &mut self,
        site: SiteIndex,
        words: Vec<Acknowledgement>,
        certificates: &[VoteKeyCertificate],
    ) {
        let goal = self.errand.goal();
        for word in words.into_iter().take(MAX_WORDS) {
            let by = word.statement.site;
            let counted = self.errand.words.iter().any(|known| known.statement.site == by);
            if counted || !goal.is_reached_by(&word.subject) {
                continue;
            }
            let its = |c: &&VoteKeyCertificate| c.site == by && c.key == word.statement.key;
            if let Some(certificate) = certificates.iter().find(its) {
                self.learn(certificate);
            }
            if self.proofs().acknowledged(self.errand.account, &word) {
                self.errand.words.push(word);
            } else {
                self.liars.caught(site, Lie::Unproved("an acknowledgement"));
            }
        }
    }

    /// The version of the record that took this one's place, by the word of t sites, an honest one
    /// among them.
    pub(crate) fn replaced_by(&self) -> Option<Version> {
        let goal = self.errand.goal();
        let newer = self.errand.words.iter().filter_map(|word| goal.replaced_by(&word.subject));
        let mut newer: Vec<Version> = newer.collect();
        newer.sort_unstable();
        newer.into_iter().rev().nth(self.known.threshold().saturating_sub(1))
    }

    pub(super) fn receipt(&mut self, site: SiteIndex, receipt: Statement) {
        let is_known = self.vote_keys.knows(site, &receipt.key);
        if receipt.site == site && !is_known && self.asked_for_key.insert(site) {
            self.unknown_key.insert(site);
            self.done.remove(&site);
        } else if receipt.site == site && self.take_receipt(receipt) {
            self.end_round();
        } else {
            self.liars.caught(site, Lie::WrongStatement("a receipt"));
        }
    }

    fn holds(&self, confirmation: &Confirmation, receipt: &Statement) -> bool {
        let tried = &confirmation.certificate.tried;
        let of = StatementOf::Receipt {
            account: self.errand.account,
            version: tried.version,
            tried: tried.id(&self.errand.keys),
            round: tried.round,
        };
        let first = confirmation.receipts.iter().all(|known| known.site != receipt.site);
        first && self.proofs().said(&of, receipt)
    }

    /// With t receipts the round is over, and every site has to know it.
    pub(super) fn end_round(&mut self) {
        let Cargo::Confirmation(confirmation) = &self.errand.cargo else { return };
        if confirmation.receipts.len() < self.known.threshold() {
            return;
        }
        let tried = &confirmation.certificate.tried;
        let proof = RoundEndProof::Receipts {
            version: tried.version,
            tried: tried.id(&self.errand.keys),
            receipts: confirmation.receipts.clone(),
        };
        let round_end = Some(RoundEnd { round: tried.round, proof });
        self.errand.cargo = Cargo::Facts(Box::new(News { round_end, ..News::default() }));
        self.done.clear();
        self.unknown_key.clear();
    }

    pub(super) fn certificates_of<'a>(
        &self,
        signed: impl Iterator<Item = &'a Statement>,
    ) -> Vec<VoteKeyCertificate> {
        let known = signed.filter_map(|s| self.vote_keys.certificate_of(s));
        known.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn take_receipt(&mut self, receipt: Statement) -> bool {
        let Cargo::Confirmation(confirmation) = &self.errand.cargo else { return false };
        let holds = self.holds(confirmation, &receipt);
        if let Cargo::Confirmation(confirmation) = &mut self.errand.cargo
            && holds
        {
            confirmation.receipts.push(receipt);
        }
        holds
    }
}
