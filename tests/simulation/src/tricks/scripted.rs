//! A trick of a test's own.

use crate::corrupt::{CorruptSite, Talk, Trick};
use async_trait::async_trait;
use std::sync::Arc;
use vault_protocol::{Request, Response};

type Script = dyn Fn(&CorruptSite, &Request, Response) -> Option<Response> + Send + Sync;

/// Gives whatever a closure makes of the honest answer.
pub struct Scripted(Box<Script>);

/// `script` is given the site, what was asked, and the honest answer; `None` is silence.
pub fn scripted(
    script: impl Fn(&CorruptSite, &Request, Response) -> Option<Response> + Send + Sync + 'static,
) -> Arc<dyn Trick> {
    Arc::new(Scripted(Box::new(script)))
}

#[async_trait]
impl Trick for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn answer(&self, talk: &mut Talk, request: Request) -> Option<Response> {
        let honest = talk.honest(request.clone()).await;
        (self.0)(&talk.site, &request, honest)
    }
}
