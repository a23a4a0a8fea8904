//! Refuses every try for a reason that is not so.

use crate::corrupt::{Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{Refusal, Request, Response};

pub struct FalseRefusals(pub Refusal);

#[async_trait]
impl Trick for FalseRefusals {
    fn name(&self) -> &'static str {
        "false refusals"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        match request {
            Request::Vote { .. } | Request::Evaluate { .. } => Some(Err(self.0.clone())),
            request => Some(talk.honest(request).await),
        }
    }
}
