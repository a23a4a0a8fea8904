//! The fleet's public facts that proofs are checked against.

use ed25519_dalek::VerifyingKey as OwnerVerifier;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature as EcdsaSignature, VerifyingKey as ReceiptVerifier};
use vault_protocol::{
    AccountId, Bundle, FleetId, OwnerKey, Point, Receipt, Signature64, SiteIndex, TryId, Version, confirmation_message,
};

/// The same at every site, also while sites change over to a bundle with the same keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetKeys {
    pub fleet_id: FleetId,
    /// First epoch of these keys: what records are bound to. Bundles with other addresses and the same keys share it.
    /// The epoch that accounts are bound to ([`Bundle::keys_since`]).
    pub epoch: u64,
    /// Sites whose receipts reset a count.
    pub threshold: u8,
    /// Site i at position i - 1.
    pub receipt_keys: Vec<Point>,
}

impl FleetKeys {
    /// Reads them from a bundle whose shape was checked; `None` if a site has no device.
    pub fn from_bundle(bundle: &Bundle) -> Option<Self> {
        let receipt_keys = bundle.sites.iter().map(|s| s.device().map(|d| d.receipt_key)).collect::<Option<_>>()?;
        let (fleet_id, epoch, threshold) = (bundle.fleet_id, bundle.keys_since(), bundle.threshold);
        Some(Self { fleet_id, epoch, threshold, receipt_keys })
    }

    pub fn sites(&self) -> usize {
        self.receipt_keys.len()
    }

    pub fn has_site(&self, site: SiteIndex) -> bool {
        (1..=self.sites()).contains(&usize::from(site.0))
    }

    /// Whether the receipt's site signed this try in this round.
    pub fn receipt_holds(
        &self,
        account: &AccountId,
        version: Version,
        id: &TryId,
        round: u64,
        receipt: &Receipt,
    ) -> bool {
        let message = confirmation_message(&self.fleet_id, account, version, id, round, receipt.site);
        self.receipt_key(receipt.site).is_some_and(|key| verify_ecdsa(key, &message, &receipt.signature))
    }

    fn receipt_key(&self, site: SiteIndex) -> Option<&Point> {
        self.receipt_keys.get(usize::from(site.0).checked_sub(1)?)
    }
}

fn verify_ecdsa(key: &Point, message: &[u8], signature: &Signature64) -> bool {
    let key = ReceiptVerifier::from_sec1_bytes(&key.0);
    let signature = EcdsaSignature::from_slice(&signature.0);
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(message, &signature).is_ok())
}

/// Strict Ed25519 (RFC 8032, no small-order keys), so that all sites agree on every signature.
pub(crate) fn owner_signed(owner: &OwnerKey, message: &[u8], signature: &Signature64) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    OwnerVerifier::from_bytes(&owner.0).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}
