//! What of a fleet's bundle the proofs are checked against.

use vault_protocol::{Bundle, GuessPolicy, KeysDigest, Point, SiteIndex, Slot};

/// The same for every bundle with the same keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetKeys {
    /// Names the keys.
    pub digest: KeysDigest,
    /// Sites needed for a recovery, and to end a round.
    pub threshold: u8,
    /// Which quorum a guess needs.
    pub policy: GuessPolicy,
    /// Of every device of site i, at position i - 1.
    pub receipt_keys: Vec<Vec<Point>>,
}

impl FleetKeys {
    /// Reads them from a bundle whose shape was checked.
    pub fn of(bundle: &Bundle) -> Self {
        let receipt_keys = bundle.sites.iter();
        Self {
            digest: bundle.keys_digest(),
            threshold: bundle.threshold,
            policy: bundle.policy,
            receipt_keys: receipt_keys
                .map(|site| site.devices.iter().map(|d| d.receipt_key).collect())
                .collect(),
        }
    }

    /// n
    pub fn sites(&self) -> usize {
        self.receipt_keys.len()
    }

    /// t
    pub fn threshold(&self) -> usize {
        usize::from(self.threshold)
    }

    /// q: votes that a try in `slot` needs.
    pub fn quorum(&self, slot: Slot) -> usize {
        self.policy.quorum(self.sites(), slot)
    }

    /// Sites that must have acknowledged a round before nobody can be fed the one before it:
    /// n - t + 2 (spec/vault-protocol.md section 7.4).
    pub fn settled(&self) -> usize {
        (self.sites() - self.threshold() + 2).min(self.sites())
    }

    /// Sites that must have acknowledged a revocation before it holds although `bad` sites lie:
    /// n - t + 1 + bad.
    pub fn revoked_despite(&self, bad: usize) -> usize {
        (self.sites() - self.threshold() + 1 + bad).min(self.sites())
    }

    /// Whether the fleet has a site of this index.
    pub fn has_site(&self, site: SiteIndex) -> bool {
        (1..=self.sites()).contains(&usize::from(site.0))
    }

    /// Receipt keys of a site's devices.
    pub fn receipt_keys(&self, site: SiteIndex) -> &[Point] {
        let position = usize::from(site.0).checked_sub(1);
        position.and_then(|at| self.receipt_keys.get(at)).map_or(&[], Vec::as_slice)
    }
}
