//! Registrations that sites were asked for and that have not come yet: what a record must be preceded by.

use crate::FleetKeys;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use vault_protocol::{AccountId, Change, SiteIndex, Version};

/// Seconds from an evaluation until its record must be stored; a client needs a few.
pub const PENDING_LIFETIME: u64 = 600;
/// Evaluations remembered for each site; the oldest makes room. An honest site allows 60 at once and 2 per second, so
/// one is remembered for at least (200 - 60) / 2 = 70 s of a flood. A bad site pushes out only its own.
pub const MAX_PENDING_PER_SITE: usize = 200;

/// What t sites must have been asked for before it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// Each evaluated for this version of the code.
    Code(Version),
    /// Each gave a nonce towards this change of the passkeys.
    Passkey(Change),
}

/// The newest evaluations of each site. At 30 bytes each and 7 sites, 42 KB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending(BTreeMap<SiteIndex, VecDeque<Evaluation>>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Evaluation {
    account: AccountId,
    opening: Opening,
    /// The evaluating site's clock, unix seconds.
    at: u64,
}

impl Pending {
    /// Sites that were asked for this within [`PENDING_LIFETIME`] before `at`.
    pub fn sites(&self, account: &AccountId, opening: Opening, at: u64) -> usize {
        let fits = |e: &Evaluation| e.names(account, opening) && at <= e.at.saturating_add(PENDING_LIFETIME);
        self.0.values().filter(|of_site| of_site.iter().any(fits)).count()
    }

    /// Evaluations remembered.
    pub fn len(&self) -> usize {
        self.0.values().map(VecDeque::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it could have come about in this fleet; for one from another site's snapshot.
    pub fn is_bounded(&self, keys: &FleetKeys) -> bool {
        self.0.iter().all(|(site, of_site)| keys.has_site(*site) && of_site.len() <= MAX_PENDING_PER_SITE)
    }

    pub(crate) fn note(&mut self, site: SiteIndex, account: AccountId, opening: Opening, at: u64) {
        let of_site = self.0.entry(site).or_default();
        // One site's clock: a site that lies about the time loses only its own.
        of_site.retain(|e| !e.names(&account, opening) && at <= e.at.saturating_add(PENDING_LIFETIME));
        while of_site.len() >= MAX_PENDING_PER_SITE {
            of_site.pop_front();
        }
        of_site.push_back(Evaluation { account, opening, at });
    }

    pub(crate) fn close(&mut self, account: &AccountId, opening: Opening) {
        self.0.values_mut().for_each(|of_site| of_site.retain(|e| !e.names(account, opening)));
    }
}

impl Evaluation {
    fn names(&self, account: &AccountId, opening: Opening) -> bool {
        self.account == *account && self.opening == opening
    }
}
