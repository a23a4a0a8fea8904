//! Telling the other sites at once what a client taught this one.

use super::Site;
use super::ports::{PeerAnswer, PeerRequest};
use crate::accounts::AccountStore;
use futures::future::join_all;
use std::time::Duration;
use vault_protocol::{Acknowledgement, SiteFacts, SiteIndex, VoteKeyCertificate};
use vault_state::SiteAccount;

/// A peer that does not answer within this pulls when it is back.
const PATIENCE: Duration = Duration::from_secs(5);

impl<S: AccountStore> Site<S> {
    /// Tells the peers, side by side and without anybody waiting, and remembers what they
    /// acknowledge.
    pub(super) fn push(&self, account: SiteAccount) {
        let site = self.clone();
        tokio::spawn(async move {
            let Ok(ring) = site.keyring_of(&account).await else { return };
            let facts = site.0.rules.with(&ring.keys).tell(&account);
            let tell = |peer| site.push_to(peer, &facts);
            join_all(site.peers().map(tell)).await;
        });
    }

    async fn push_to(&self, peer: SiteIndex, facts: &SiteFacts) {
        let request = PeerRequest::Push(Box::new(facts.clone()));
        let telling = self.0.ports.peers.ask(peer, request);
        match tokio::time::timeout(PATIENCE, telling).await {
            Ok(Ok(PeerAnswer::Acknowledged { words, certificates })) => {
                self.remember_words(peer, facts.account, words, &certificates).await;
            }
            Ok(Ok(_)) => tracing::debug!(%peer, "a peer did not acknowledge"),
            Ok(Err(away)) => {
                tracing::debug!(%away, "a peer was not told; it pulls when it is back")
            }
            Err(_) => tracing::debug!(%peer, "a peer did not answer; it pulls when it is back"),
        }
    }

    async fn remember_words(
        &self,
        peer: SiteIndex,
        account: vault_protocol::AccountId,
        words: Vec<Acknowledgement>,
        certificates: &[VoteKeyCertificate],
    ) {
        let words: Vec<_> = words
            .into_iter()
            .filter(|word| word.statement.site == peer)
            .take(super::acknowledged::MAX_WORDS)
            .collect();
        let statements: Vec<_> = words.iter().map(|word| word.statement).collect();
        let Ok(ring) = self.keyring(&statements, certificates).await else { return };
        let proofs = self.0.rules.with(&ring.keys).proofs;
        let words = words.into_iter().filter(|word| proofs.acknowledged(account, word));
        let certified = words.filter_map(|word| {
            let certificate = ring.keys.certificate_of(&word.statement)?;
            Some((word, certificate))
        });
        self.0.peer_words.remember(account, peer, certified.collect());
    }
}
