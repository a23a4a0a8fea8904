//! Shows the account as it was when it was first asked, and votes as if it were still so: whoever
//! holds the access key could be fed the past with it.

use super::equivocate::Equivocate;
use crate::corrupt::{CorruptSite, Talk, Trick};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use vault_protocol::{AccountId, Answer, Request, Response, Shown, SiteFacts, SiteIndex};
use vault_server::site::ports::{PeerAnswer, PeerRequest};

#[derive(Default)]
pub struct StaleState {
    shown: Mutex<BTreeMap<AccountId, Shown>>,
    told: Mutex<BTreeMap<AccountId, SiteFacts>>,
}

#[async_trait]
impl Trick for StaleState {
    fn name(&self) -> &'static str {
        "stale state"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        let Request::Show { account } = request else {
            return Equivocate.answer(talk, request).await;
        };
        let now = match talk.honest_show(request).await {
            Ok(now) => now,
            Err(refusal) => return Some(Err(refusal)),
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let first = shown.entry(account).or_insert_with(|| now.clone()).clone();
        let stale = Shown { clock: now.clock, certificate: now.certificate, ..first };
        Some(Ok(Answer::Shown(Box::new(stale))))
    }

    async fn peer(&self, site: &CorruptSite, from: SiteIndex, request: PeerRequest) -> PeerAnswer {
        let answer = site.has.program.peer(from, request).await;
        let PeerAnswer::Facts(Some(facts)) = answer else { return answer };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let first = told.entry(facts.account).or_insert_with(|| (*facts).clone());
        PeerAnswer::Facts(Some(Box::new(first.clone())))
    }
}
