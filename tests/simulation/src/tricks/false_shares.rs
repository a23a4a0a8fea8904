//! Evaluates with a key that is not its own, for registrations and recoveries alike.

use crate::corrupt::{Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{Answer, PasskeyShare, Request, Response};

pub struct FalseShares;

#[async_trait]
impl Trick for FalseShares {
    fn name(&self) -> &'static str {
        "false shares"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        if let Request::Release { .. } = request {
            // The honest program behind this one has another session, which the passkey's answer
            // does not fit.
            return Some(Ok(Answer::Released(PasskeyShare([7; 32]))));
        }
        let honest = talk.honest(request).await;
        Some(honest.map(|answer| match answer {
            Answer::Share { beta, masked_share } => {
                Answer::Share { beta, masked_share: masked_share.map(|byte| byte ^ 1) }
            }
            Answer::Evaluated { check, ticket, certificate, .. } => {
                Answer::Evaluated { beta: check, check, ticket, certificate }
            }
            answer => answer,
        }))
    }
}
