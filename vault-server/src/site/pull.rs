//! Asking the other sites for what changed there since they were asked last.

use super::Site;
use super::ports::Changed;
use super::ports::{PeerAnswer, PeerAway, PeerRequest};
use crate::accounts::AccountStore;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use std::time::Duration;
use vault_protocol::{AccountId, Refusal, SiteIndex};

/// A peer that takes longer is asked again at the next pull.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pages of one pull, of 500 accounts each: a peer cannot keep this site busy without end.
const MAX_PAGES: usize = 64;

/// Why a pull came to no end.
#[derive(Debug, thiserror::Error)]
pub(super) enum PullError {
    #[error(transparent)]
    Away(#[from] PeerAway),
    #[error("site {0} did not answer what it was asked")]
    Unusable(SiteIndex),
    /// This site's own storage.
    #[error("{0}")]
    Store(Refusal),
}

impl<S: AccountStore> Site<S> {
    /// Pulls from all peers, side by side. To be called at start, and every few seconds after: it
    /// costs one small request a peer when nothing changed. Gives the peers that answered.
    ///
    /// Boxed: whoever calls it need not know that all of it may change threads.
    pub fn pull(&self) -> BoxFuture<'_, Vec<SiteIndex>> {
        self.pull_all().boxed()
    }

    async fn pull_all(&self) -> Vec<SiteIndex> {
        let pulls = self.peers().map(|peer| async move { (peer, self.pull_from(peer).await) });
        let mut answered = Vec::new();
        for (peer, pulled) in join_all(pulls).await {
            match pulled {
                Ok(()) => answered.push(peer),
                Err(error) => tracing::debug!(%error, "not everything was pulled"),
            }
        }
        answered
    }

    async fn pull_from(&self, peer: SiteIndex) -> Result<(), PullError> {
        let store = self.store();
        let failed =
            |e: crate::accounts::StoreError| PullError::Store(super::steps::unavailable(&e));
        let mut from = store.peer_mark(peer).await.map_err(failed)?;
        for _ in 0..MAX_PAGES {
            let (changed, next) = self.changes_of(peer, from).await?;
            for change in &changed {
                self.pull_account(peer, change).await?;
            }
            if next != from {
                store.set_peer_mark(peer, next).await.map_err(failed)?;
            }
            if next <= from {
                break;
            }
            from = next;
        }
        Ok(())
    }

    async fn changes_of(
        &self,
        peer: SiteIndex,
        from: u64,
    ) -> Result<(Vec<Changed>, u64), PullError> {
        match self.ask_in_time(peer, PeerRequest::Since { from }).await? {
            PeerAnswer::Changes { accounts, next }
                if accounts.len() <= super::peer::PAGE as usize =>
            {
                Ok((accounts, next))
            }
            _ => Err(PullError::Unusable(peer)),
        }
    }

    async fn pull_account(&self, peer: SiteIndex, change: &Changed) -> Result<(), PullError> {
        let account: AccountId = change.account;
        let held = self.read(account).await.map_err(PullError::Store)?;
        let same = |held| super::peer::state_of(&self.0.rules.keys, held) == change.state;
        if held.as_ref().is_some_and(same) {
            return Ok(());
        }
        let answer = self.ask_in_time(peer, PeerRequest::Facts { account }).await?;
        let PeerAnswer::Facts(facts) = answer else { return Err(PullError::Unusable(peer)) };
        let told = facts.map(|facts| *facts).into_iter().collect();
        self.join(account, told).await.map_err(PullError::Store)?;
        Ok(())
    }

    async fn ask_in_time(
        &self,
        peer: SiteIndex,
        request: PeerRequest,
    ) -> Result<PeerAnswer, PullError> {
        let asking = self.0.ports.peers.ask(peer, request);
        let answered = tokio::time::timeout(PATIENCE, asking).await;
        let away = |_| PeerAway { site: peer, reason: "it did not answer in time".into() };
        Ok(answered.map_err(away)??)
    }
}
