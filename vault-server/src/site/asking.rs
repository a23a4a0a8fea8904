//! Asking the other sites for newer facts before a vote.

use super::Site;
use super::ports::{PeerAnswer, PeerRequest};
use crate::accounts::AccountStore;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, join_all};
use std::time::Duration;
use vault_protocol::{AccountId, SiteFacts};

/// How long a site waits for its peers, all side by side, before it votes without those that are
/// away.
pub(super) const PATIENCE: Duration = Duration::from_millis(300);
/// Accounts that are asked for in one session: a client has one.
const MAX_ACCOUNTS: u8 = 4;

/// Peers were asked for an account in this session.
pub(super) struct Asked {
    account: AccountId,
    accounts: u8,
    done: Shared<BoxFuture<'static, ()>>,
}

impl<S: AccountStore> Site<S> {
    /// Begins to ask the peers for an account, unless this session has; what comes is joined.
    ///
    /// Gives what to wait for; none if this session has asked for too many accounts.
    pub(super) fn ask_peers(
        &self,
        asked: &mut Option<Asked>,
        account: AccountId,
    ) -> Option<Shared<BoxFuture<'static, ()>>> {
        let accounts = match asked {
            Some(asked) if asked.account == account => return Some(asked.done.clone()),
            Some(asked) if asked.accounts >= MAX_ACCOUNTS => return None,
            Some(asked) => asked.accounts + 1,
            None => 1,
        };
        let site = self.clone();
        let task = tokio::spawn(async move { site.ask_all(account).await });
        let done = task.map(|_| ()).boxed().shared();
        *asked = Some(Asked { account, accounts, done: done.clone() });
        Some(done)
    }

    async fn ask_all(&self, account: AccountId) {
        let ask = |peer| self.ask_for_facts(peer, account);
        let told: Vec<SiteFacts> =
            join_all(self.peers().map(ask)).await.into_iter().flatten().collect();
        if let Err(refusal) = self.join(account, told).await {
            tracing::warn!(%refusal, "what the peers know was not joined");
        }
    }

    async fn ask_for_facts(
        &self,
        peer: vault_protocol::SiteIndex,
        account: AccountId,
    ) -> Option<SiteFacts> {
        let asking = self.0.ports.peers.ask(peer, PeerRequest::Facts { account });
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok(PeerAnswer::Facts(facts))) => facts.map(|facts| *facts),
            // Away, slow, or not what was asked for: the vote goes on without it.
            _ => None,
        }
    }
}
