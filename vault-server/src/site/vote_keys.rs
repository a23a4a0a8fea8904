//! Which vote keys this site knows, and how fast it learns new ones.
//!
//! A site that is bad can have ever new keys certified by its device. So a certificate is looked at
//! only if something in the same message is signed with its key, it is taken only at the pace of
//! the specification (section 6), and it is stored only with a fact that needs it.

use super::bucket::{Bucket, Rate};
use super::rules::Rules;
use crate::accounts::{AccountStore, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use vault_facts::{RealSignatures, VoteKeys};
use vault_protocol::{SiteIndex, Statement, VoteKey, VoteKeyCertificate};

/// Certificates of one site that are taken: 60 at once, then one a minute.
const PACE: Rate = Rate { burst: 60, every_ms: 60_000 };
/// Certificates of one site in memory, under 300 bytes each. Of those beyond, the one that was not
/// needed for the longest time is read from the store when it is needed again.
const IN_MEMORY: usize = 1024;
/// Certificates in one message that may fail: a check of one costs as much as a vote's ten.
const FAILURES: usize = 4;

type Name = (SiteIndex, VoteKey);

/// What this program has seen of vote keys since it started.
#[derive(Default)]
pub(super) struct KnownVoteKeys(Mutex<BTreeMap<SiteIndex, OfSite>>);

#[derive(Default)]
struct OfSite {
    known: BTreeMap<VoteKey, Known>,
    bucket: Option<Bucket>,
}

struct Known {
    certificate: VoteKeyCertificate,
    needed: Instant,
}

/// The vote keys that one message or account needs, as far as they are known.
#[derive(Clone, Default)]
pub(super) struct Keyring {
    pub keys: VoteKeys,
    /// All of them, to be stored with what they prove.
    pub certificates: Vec<VoteKeyCertificate>,
}

impl KnownVoteKeys {
    /// Finds the keys that `statements` are signed with: those known already, and those that
    /// `offered` certifies.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn learn<S: AccountStore>(
        &self,
        rules: &Rules,
        store: &S,
        statements: &[Statement],
        offered: &[VoteKeyCertificate],
    ) -> Result<Keyring, StoreError> {
        let of_fleet = |s: &&Statement| rules.keys.has_site(s.site);
        let needed = statements.iter().filter(of_fleet).map(|s| (s.site, s.key));
        let mut ring = Keyring::default();
        let mut missing = self.in_memory(needed.collect(), &mut ring);
        if !missing.is_empty() {
            for certificate in store.vote_keys(missing.iter().copied().collect()).await? {
                missing.remove(&(certificate.site, certificate.key));
                self.remember(certificate);
                ring.add(certificate);
            }
        }
        let mut failures = 0;
        for certificate in offered {
            if failures == FAILURES || missing.is_empty() {
                break;
            }
            if missing.remove(&(certificate.site, certificate.key)) {
                match self.take(rules, certificate) {
                    Taken::Yes => ring.add(*certificate),
                    Taken::Fails => failures += 1,
                    Taken::TooMany => {}
                }
            }
        }
        Ok(ring)
    }

    /// This site's own, or another that was verified before.
    pub(super) fn remember(&self, certificate: VoteKeyCertificate) {
        let needed = Instant::now();
        let mut sites = self.lock();
        let of_site = sites.entry(certificate.site).or_default();
        of_site.known.insert(certificate.key, Known { certificate, needed });
        if of_site.known.len() > IN_MEMORY {
            let oldest = of_site.known.iter().min_by_key(|(_, known)| known.needed);
            let oldest = oldest.map(|(key, _)| *key);
            oldest.and_then(|key| of_site.known.remove(&key));
        }
    }

    /// Adds those that are in memory; gives the others.
    fn in_memory(&self, needed: BTreeSet<Name>, ring: &mut Keyring) -> BTreeSet<Name> {
        let mut sites = self.lock();
        let mut find = |(site, key): &Name| {
            let known = sites.get_mut(site)?.known.get_mut(key)?;
            known.needed = Instant::now();
            Some(known.certificate)
        };
        let found = needed.iter().filter(|name| match find(name) {
            Some(certificate) => {
                ring.add(certificate);
                false
            }
            None => true,
        });
        found.copied().collect()
    }

    fn take(&self, rules: &Rules, certificate: &VoteKeyCertificate) -> Taken {
        if !self.bucket_has_one(certificate.site) {
            return Taken::TooMany;
        }
        if !VoteKeys::default().learn(&rules.keys, &RealSignatures, certificate) {
            return Taken::Fails;
        }
        // Only what the site's own device signed counts against it: nobody else can use up its
        // pace.
        self.take_from_bucket(certificate.site);
        self.remember(*certificate);
        Taken::Yes
    }

    fn bucket_has_one(&self, site: SiteIndex) -> bool {
        let mut sites = self.lock();
        let bucket = &mut sites.entry(site).or_default().bucket;
        bucket.get_or_insert_with(|| Bucket::full(PACE)).has_one()
    }

    fn take_from_bucket(&self, site: SiteIndex) {
        let mut sites = self.lock();
        let bucket = &mut sites.entry(site).or_default().bucket;
        // It had one before the signature was checked; if another message was faster, the pace
        // still holds within one certificate.
        let _ = bucket.get_or_insert_with(|| Bucket::full(PACE)).take();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SiteIndex, OfSite>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Taken {
    Yes,
    Fails,
    /// It may hold, but its site has made too many.
    TooMany,
}

impl Keyring {
    /// One key alone.
    pub(super) fn of(certificate: VoteKeyCertificate) -> Self {
        let mut ring = Self::default();
        ring.add(certificate);
        ring
    }

    fn add(&mut self, certificate: VoteKeyCertificate) {
        self.keys.remember(certificate);
        self.certificates.push(certificate);
    }

    /// With the keys of another one.
    pub(super) fn with(mut self, other: Self) -> Self {
        for certificate in other.certificates {
            if !self.keys.knows(certificate.site, &certificate.key) {
                self.add(certificate);
            }
        }
        self
    }
}
