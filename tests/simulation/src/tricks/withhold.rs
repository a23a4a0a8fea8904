//! Answers until it matters, and then nothing.

use crate::corrupt::{CorruptSite, Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{Request, Response, SiteIndex};
use vault_server::site::ports::{PeerAnswer, PeerRequest};

/// From which request on it is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withhold {
    Everything,
    Votes,
    Shares,
    Receipts,
    Acknowledgements,
}

#[async_trait]
impl Trick for Withhold {
    fn name(&self) -> &'static str {
        "withhold"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        let silent = match request {
            Request::Vote { .. } => *self == Self::Votes,
            Request::Evaluate { .. } => *self == Self::Shares,
            Request::Confirm { .. } => *self == Self::Receipts,
            Request::Learn { .. } | Request::Register { .. } => *self == Self::Acknowledgements,
            _ => false,
        };
        if silent || *self == Self::Everything {
            return None;
        }
        Some(talk.honest(request).await)
    }

    async fn peer(&self, _: &CorruptSite, _: SiteIndex, _: PeerRequest) -> PeerAnswer {
        PeerAnswer::Refused
    }
}
