//! What a site says of its stored state, and what other sites have said to it of theirs.

use super::Site;
use crate::accounts::AccountStore;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use vault_protocol::{AccountId, Acknowledgement, Answer, SiteIndex, Subject, VoteKeyCertificate};
use vault_state::SiteAccount;

/// A state has at most so many subjects: record, roster, round.
pub(super) const MAX_WORDS: usize = 3;
/// Accounts whose peers' words are remembered, under 8 KiB each.
const MAX_ACCOUNTS: usize = 1024;
/// After this a client asks the other sites itself.
const REMEMBERED: Duration = Duration::from_secs(600);

type Word = (Acknowledgement, VoteKeyCertificate);

/// What peers acknowledged lately. Everything in it was verified.
#[derive(Default)]
pub(super) struct PeerWords(Mutex<BTreeMap<AccountId, OfAccount>>);

struct OfAccount {
    heard: Instant,
    words: BTreeMap<SiteIndex, Vec<Word>>,
}

impl PeerWords {
    pub(super) fn remember(&self, account: AccountId, peer: SiteIndex, words: Vec<Word>) {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= MAX_ACCOUNTS && !accounts.contains_key(&account) {
            let oldest = accounts.iter().min_by_key(|(_, known)| known.heard);
            let oldest = oldest.map(|(id, _)| *id);
            oldest.and_then(|id| accounts.remove(&id));
        }
        let heard = Instant::now();
        let known = OfAccount { heard, words: BTreeMap::new() };
        let known = accounts.entry(account).or_insert(known);
        known.heard = heard;
        known.words.insert(peer, words);
    }

    /// Words on exactly these subjects.
    fn on(&self, account: AccountId, subjects: &[Subject]) -> Vec<Word> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = accounts.get(&account).into_iter().flat_map(|known| known.words.values());
        let fitting = known.flatten().filter(|(word, _)| subjects.contains(&word.subject));
        fitting.copied().collect()
    }

    pub(super) fn sweep(&self) {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.retain(|_, known| known.heard.elapsed() < REMEMBERED);
    }
}

impl<S: AccountStore> Site<S> {
    /// The answer to whoever asks what is stored: `account` must be what was stored.
    pub(super) fn acknowledge(&self, account: &SiteAccount) -> Answer {
        let keys = Default::default();
        let own = self.0.rules.with(&keys).acknowledge(account);
        let subjects: Vec<_> = own.iter().map(|word| word.subject).collect();
        let of_peers = self.0.peer_words.on(account.facts.account(), &subjects);
        let mut certificates = BTreeSet::from([self.0.certificate]);
        certificates.extend(of_peers.iter().map(|(_, certificate)| *certificate));
        let words = own.into_iter().chain(of_peers.into_iter().map(|(word, _)| word));
        Answer::Acknowledged {
            words: words.collect(),
            certificates: certificates.into_iter().collect(),
        }
    }
}
