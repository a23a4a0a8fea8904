//! Which keys are known to be vote keys of which sites.

use crate::{FleetKeys, Signatures};
use std::collections::BTreeMap;
use vault_protocol::{SiteIndex, Statement, VoteKey, VoteKeyCertificate};

/// Vote keys whose certificates hold. Only [`VoteKeys::learn`] adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoteKeys(BTreeMap<(SiteIndex, VoteKey), VoteKeyCertificate>);

impl VoteKeys {
    /// Whether this key was certified by the site's device.
    pub fn knows(&self, site: SiteIndex, key: &VoteKey) -> bool {
        self.0.contains_key(&(site, *key))
    }

    /// The certificate of the key that a statement is signed with.
    pub fn certificate_of(&self, statement: &Statement) -> Option<VoteKeyCertificate> {
        self.0.get(&(statement.site, statement.key)).copied()
    }

    /// Takes a certificate if a device of the site signed it; says whether the key is known now.
    pub fn learn(
        &mut self,
        keys: &FleetKeys,
        signatures: &dyn Signatures,
        certificate: &VoteKeyCertificate,
    ) -> bool {
        let VoteKeyCertificate { site, started, key, signature } = certificate;
        if self.knows(*site, key) {
            return true;
        }
        let message = VoteKeyCertificate::message(&keys.digest, *site, *started, key);
        let holds = |receipt_key| signatures.ecdsa(receipt_key, &message, signature);
        let certified = keys.receipt_keys(*site).iter().any(holds);
        if certified {
            self.0.insert((*site, *key), *certificate);
        }
        certified
    }

    /// Takes a certificate that was verified before, from this program's own storage.
    pub fn remember(&mut self, certificate: VoteKeyCertificate) {
        self.0.insert((certificate.site, certificate.key), certificate);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &VoteKeyCertificate> {
        self.0.values()
    }
}
