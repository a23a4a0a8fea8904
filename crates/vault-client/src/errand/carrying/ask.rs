//! What a site is asked for an errand.

use super::Carrying;
use crate::errand::goal::Goal;
use crate::errand::{Cargo, Confirmation};
use vault_protocol::{News, Refusal, Request, SiteIndex};

impl Carrying {
    pub(super) fn confirm(&self, site: SiteIndex, confirmation: &Confirmation) -> Option<Request> {
        let Confirmation { certificate, alpha, proofs, receipts, news } = confirmation;
        let account = self.errand.account;
        if receipts.iter().any(|receipt| receipt.site == site) {
            return None;
        }

        if self.to_evaluate.contains(&site) {
            let signed = news.statements().chain(&certificate.votes);
            let news = News { certificates: self.certificates_of(signed), ..news.clone() };
            let certificate = certificate.clone();
            let alpha = *alpha;
            return Some(Request::Evaluate { certificate, alpha, news });
        }
        let tried = certificate.tried.id(&self.errand.keys);
        let proof = *proofs.get(&site)?;
        Some(Request::Confirm { account, tried, proof })
    }

    pub(super) fn tell(&self) -> Option<Request> {
        match &self.errand.cargo {
            Cargo::Confirmation(_) => None,
            Cargo::Facts(news) => {
                let certificates = self.certificates_of(news.statements());
                let news = News { certificates, ..(**news).clone() };
                Some(Request::Learn { account: self.errand.account, news })
            }
            Cargo::Record { record, admission } => {
                let signed = admission.iter().flat_map(|admission| admission.statements());
                let news = News { certificates: self.certificates_of(signed), ..News::default() };
                let (record, admission) = (record.clone(), admission.clone());
                Some(Request::Register { record, admission, news })
            }
        }
    }

    pub(super) fn refused(&mut self, site: SiteIndex, request: &Request, refusal: &Refusal) {
        let round = match self.errand.goal() {
            Goal::Round(next) => next.saturating_sub(1),
            _ => 0,
        };
        match (request, refusal) {
            (Request::Confirm { .. }, Refusal::UnknownTry)
                if self.asked_to_evaluate.insert(site) =>
            {
                self.to_evaluate.insert(site);
                self.done.remove(&site);
            }
            (Request::Evaluate { .. }, Refusal::WrongRound { current }) if *current > round => {
                self.to_evaluate.remove(&site);
                self.past.insert(site);
                self.done.remove(&site);
            }
            (Request::Register { record, .. }, Refusal::WrongVersion { current })
                if *current > record.signed.record.version && self.past.insert(site) =>
            {
                self.done.remove(&site);
            }
            _ => {}
        }
    }
}
