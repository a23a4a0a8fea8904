//! What other sites ask. They are known by their certificates, and believed nothing.

mod facts;
mod push;
mod since;

pub(super) use since::{PAGE, state_of};

use super::Site;
use super::ports::{PeerAnswer, PeerRequest};
use crate::accounts::AccountStore;
use futures::FutureExt;
use futures::future::BoxFuture;

impl<S: AccountStore> Site<S> {
    /// Answers a peer. Boxed: whoever calls it need not know that all of it may change threads.
    pub fn peer(&self, request: PeerRequest) -> BoxFuture<'_, PeerAnswer> {
        let answering = async {
            let answered = match request {
                PeerRequest::Facts { account } => facts::facts(self, account).await,
                PeerRequest::Push(facts) => push::push(self, *facts).await,
                PeerRequest::Since { from } => since::since(self, from).await,
            };
            answered.unwrap_or_else(|refusal| {
                tracing::debug!(%refusal, "a peer was refused");
                PeerAnswer::Refused
            })
        };
        answering.boxed()
    }
}
