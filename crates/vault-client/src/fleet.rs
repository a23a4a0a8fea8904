//! A verified fleet and the way to it.

use crate::ports::Ports;
use fleet_evidence::VerifiedBundle;
use std::sync::Arc;
use vault_facts::FleetKeys;
use vault_protocol::{Bundle, BundleId, KeysDigest, SiteIndex};

/// The sites of one fleet, as its verified bundles name them. Clones share it.
#[derive(Clone)]
pub struct Fleet {
    pub(crate) known: Arc<Known>,
    pub(crate) ports: Ports,
}

/// What was verified of a fleet.
#[derive(Debug)]
pub(crate) struct Known {
    /// Newest first, at least one; all with the same keys.
    pub bundles: Vec<(BundleId, Bundle)>,
    pub keys: FleetKeys,
}

impl Fleet {
    /// With the newest bundle that was verified, and with further ones that were verified as well:
    /// a site that serves one of these is used with that one. Those with other keys are left out,
    /// since an account is of one set of keys.
    pub fn new(newest: &VerifiedBundle, others: &[VerifiedBundle], ports: Ports) -> Self {
        let bundle = newest.bundle();
        let mut same: Vec<_> = others
            .iter()
            .filter(|other| other.bundle().has_keys_of(bundle) && other.id() != newest.id())
            .collect();
        same.sort_by_key(|other| std::cmp::Reverse(other.epoch()));
        let all = [newest].into_iter().chain(same);
        let bundles = all.map(|verified| (verified.id(), verified.bundle().clone())).collect();
        let known = Known { bundles, keys: FleetKeys::of(bundle) };
        Self { known: Arc::new(known), ports }
    }

    /// The newest bundle.
    pub fn bundle(&self) -> &Bundle {
        self.known.bundle()
    }

    /// What the labels of this fleet's accounts bind.
    pub fn keys(&self) -> KeysDigest {
        self.known.keys.digest
    }
}

impl Known {
    pub(crate) fn bundle(&self) -> &Bundle {
        // There is at least one: `Fleet::new` begins with the newest.
        &self.bundles[0].1
    }

    /// n
    pub(crate) fn sites(&self) -> usize {
        self.keys.sites()
    }

    /// t
    pub(crate) fn threshold(&self) -> usize {
        self.keys.threshold()
    }

    pub(crate) fn indexes(&self) -> impl Iterator<Item = SiteIndex> + '_ {
        self.bundle().sites.iter().map(|site| site.index)
    }
}
