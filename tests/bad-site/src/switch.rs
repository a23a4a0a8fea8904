//! The trick that is played now.

use async_trait::async_trait;
use std::sync::{Arc, PoisonError, RwLock};
use vault_protocol::{Refusal, Request, Response, SiteIndex};
use vault_server::site::ports::{PeerAnswer, PeerRequest};
use vault_simulation::corrupt::{CorruptSite, Talk, Trick};
use vault_simulation::tricks::{
    Equivocate, FalseAcknowledgements, FalseRefusals, FalseShares, ForgedFacts, Replay, StaleState,
    Withhold, WrongClock,
};

/// A trick by its name.
pub(crate) fn trick(name: &str) -> Option<Arc<dyn Trick>> {
    Some(match name {
        "honest" => Arc::new(Honest),
        "equivocate" => Arc::new(Equivocate),
        "false-acknowledgements" => Arc::new(FalseAcknowledgements),
        "say-destroyed" => Arc::new(FalseRefusals(Refusal::Destroyed)),
        "say-no-such-account" => Arc::new(FalseRefusals(Refusal::NoSuchAccount)),
        "false-shares" => Arc::new(FalseShares),
        "forged-facts" => Arc::new(ForgedFacts),
        "replay" => Arc::new(Replay::default()),
        "stale-state" => Arc::new(StaleState::default()),
        "withhold-everything" => Arc::new(Withhold::Everything),
        "withhold-votes" => Arc::new(Withhold::Votes),
        "withhold-shares" => Arc::new(Withhold::Shares),
        "withhold-receipts" => Arc::new(Withhold::Receipts),
        "withhold-acknowledgements" => Arc::new(Withhold::Acknowledgements),
        "clock-an-hour-ahead" => Arc::new(WrongClock(3600)),
        "clock-in-1970" => Arc::new(WrongClock(i64::MIN)),
        _ => return None,
    })
}

struct Honest;

#[async_trait]
impl Trick for Honest {
    fn name(&self) -> &'static str {
        "none"
    }
}

pub(crate) struct Switch(RwLock<Arc<dyn Trick>>);

impl Switch {
    pub(crate) fn honest() -> Self {
        Self(RwLock::new(Arc::new(Honest)))
    }

    pub(crate) fn set(&self, trick: Arc<dyn Trick>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = trick;
    }

    fn now(&self) -> Arc<dyn Trick> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Trick for Switch {
    fn name(&self) -> &'static str {
        self.now().name()
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        self.now().answer(talk, request).await
    }

    async fn peer(&self, site: &CorruptSite, from: SiteIndex, request: PeerRequest) -> PeerAnswer {
        self.now().peer(site, from, request).await
    }
}
