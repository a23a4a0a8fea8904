//! How far a fact has come: which sites have signed that their own stored state says so.

use std::collections::BTreeSet;
use vault_protocol::SiteIndex;

/// Acknowledgements of one fact. Each was counted by its signature; no site's bare word is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    sites: usize,
    acknowledged: BTreeSet<SiteIndex>,
}

impl Spread {
    pub(crate) fn new(sites: usize, acknowledged: BTreeSet<SiteIndex>) -> Self {
        Self { sites, acknowledged }
    }

    /// n: all sites of the fleet.
    pub fn sites(&self) -> usize {
        self.sites
    }

    /// The different sites that acknowledged.
    pub fn acknowledged(&self) -> &BTreeSet<SiteIndex> {
        &self.acknowledged
    }

    /// How many did.
    pub fn count(&self) -> usize {
        self.acknowledged.len()
    }

    /// t sites: what was to be stored is stored.
    pub fn is_stored(&self) -> bool {
        self.count() >= self.threshold()
    }

    /// n - t + 1 + b sites: what was revoked is revoked although `bad` of them lie
    /// (spec/vault-protocol.md section 10).
    pub fn holds_despite(&self, bad: usize) -> bool {
        self.count() >= self.needed_despite(bad)
    }

    /// n - t + 1 + b. More than all sites if t or more are bad: nothing holds then.
    pub fn needed_despite(&self, bad: usize) -> usize {
        self.sites - self.threshold() + 1 + bad
    }

    /// n - t + 2 sites: nobody can be fed the round before (section 7.4).
    pub fn is_settled(&self) -> bool {
        self.count() >= self.needed_to_settle()
    }

    /// n - t + 2.
    pub fn needed_to_settle(&self) -> usize {
        self.needed_despite(1)
    }

    /// All sites: nothing is left to do.
    pub fn is_everywhere(&self) -> bool {
        self.count() >= self.sites
    }

    fn threshold(&self) -> usize {
        self.sites / 2 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(sites: usize, acknowledged: u8) -> Spread {
        Spread::new(sites, (1..=acknowledged).map(SiteIndex).collect())
    }

    #[test]
    fn of_five_sites_three_store_four_settle_and_all_five_hold_despite_two() {
        assert!(!spread(5, 2).is_stored() && spread(5, 3).is_stored());
        assert!(!spread(5, 2).holds_despite(0) && spread(5, 3).holds_despite(0));
        assert!(!spread(5, 3).holds_despite(1) && spread(5, 4).holds_despite(1));
        assert!(!spread(5, 4).holds_despite(2) && spread(5, 5).holds_despite(2));
        assert!(!spread(5, 3).is_settled() && spread(5, 4).is_settled());
        assert!(!spread(5, 4).is_everywhere() && spread(5, 5).is_everywhere());
    }

    #[test]
    fn nothing_holds_despite_as_many_bad_sites_as_are_needed_to_recover() {
        assert!(!spread(5, 5).holds_despite(3));
        assert!(!spread(3, 3).holds_despite(2));
    }

    #[test]
    fn agrees_with_the_numbers_of_the_facts() {
        for sites in [3, 5, 7] {
            let keys = vault_facts::FleetKeys {
                digest: vault_protocol::KeysDigest([0; 32]),
                threshold: u8::try_from(sites / 2 + 1).unwrap(),
                policy: vault_protocol::GuessPolicy::Balanced,
                receipt_keys: vec![vec![]; sites],
            };
            let spread = spread(sites, 0);
            assert_eq!(spread.needed_to_settle(), keys.settled());
            for bad in 0..sites / 2 + 1 {
                assert_eq!(spread.needed_despite(bad), keys.revoked_despite(bad));
            }
        }
    }
}
