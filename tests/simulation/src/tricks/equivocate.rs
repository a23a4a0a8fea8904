//! Votes for every try that it is shown, in whatever slot and round, and signs that it saw the
//! right code.

use crate::corrupt::{Talk, Trick};
use async_trait::async_trait;
use vault_protocol::{Answer, Request, Response, StatementOf, Try};

pub struct Equivocate;

#[async_trait]
impl Trick for Equivocate {
    fn name(&self) -> &'static str {
        "equivocate"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        Some(match request {
            Request::Vote { tried, .. } => Ok(Answer::Voted(vote(talk, &tried))),
            Request::Show { .. } => {
                talk.honest_show(request).await.map(|shown| Answer::Shown(Box::new(shown)))
            }
            request => talk.honest(request).await,
        })
    }
}

fn vote(talk: &Talk, tried: &Try) -> vault_protocol::Statement {
    let keys = &talk.site.has.keys.digest;
    talk.site.signs(&StatementOf::Vote { slot: tried.slot_id(keys), tried: tried.id(keys) })
}
