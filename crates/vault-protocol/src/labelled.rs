//! Everything that is signed, MACed or hashed has its own label, so that no message can stand in for another.

use crate::ids::{AccountId, BundleId, FleetId, Point, SiteIndex, TryId, Version};
use crate::record::{Record, Signature64};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `"keepsake/" label "/v1" 00`, then each field as its u32 big-endian length and its bytes.
pub fn labelled(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("keepsake/{label}/v1\0").into_bytes();
    for field in fields {
        let len = u32::try_from(field.len()).expect("fields are bounded far below 4 GiB");
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

/// What the auditor signs (Ed25519).
pub fn auditor_message(namespace: &str, epoch: u64, timestamp: u64, bundle: &BundleId) -> Vec<u8> {
    let fields: [&[u8]; 4] = [namespace.as_bytes(), &epoch.to_be_bytes(), &timestamp.to_be_bytes(), &bundle.0];
    labelled("auditor-signature", &fields)
}

/// What the operator signs (Ed25519): the auditor's signature, not the bundle.
pub fn operator_message(auditor_signature: &Signature64) -> Vec<u8> {
    labelled("operator-countersignature", &[&auditor_signature.0])
}

/// What an owner signs (Ed25519) to register or replace a record.
pub fn record_message(fleet: &FleetId, record: &Record) -> Vec<u8> {
    let bytes = postcard::to_allocvec(record).expect("a record is plain data");
    labelled("owner-record", &[&fleet.0, &bytes])
}

/// What an owner signs (Ed25519) to delete an account for good.
pub fn removal_message(fleet: &FleetId, account: &AccountId, version: Version) -> Vec<u8> {
    labelled("owner-removal", &[&fleet.0, &account.0, &version.to_be_bytes()])
}

/// HPKE `info` of a box: it opens only for this fleet, epoch, account, version and site.
pub fn box_info(fleet: &FleetId, epoch: u64, account: &AccountId, version: Version, site: SiteIndex) -> Vec<u8> {
    labelled("box", &[&fleet.0, &epoch.to_be_bytes(), &account.0, &version.to_be_bytes(), &[site.0]])
}

/// Name of a guess.
pub fn try_id(alpha: &Point, account: &AccountId, version: Version) -> TryId {
    TryId(Sha256::digest(labelled("try", &[&alpha.0, &account.0, &version.to_be_bytes()])).into())
}

/// A site's word that it saw the right tag for a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub site: SiteIndex,
    /// ECDSA P-256 SHA-256 over [`confirmation_message`], `r || s`.
    pub signature: Signature64,
}

/// What a site's receipt key signs when it has seen the right tag for a try of this round.
///
/// A round ends when a count is reset. Without it, receipts of an earlier recovery could be played again after the
/// same try id was reserved again, and reset the count without the code.
pub fn confirmation_message(
    fleet: &FleetId,
    account: &AccountId,
    version: Version,
    id: &TryId,
    round: u64,
    site: SiteIndex,
) -> Vec<u8> {
    let fields: [&[u8]; 6] = [&fleet.0, &account.0, &version.to_be_bytes(), &id.0, &round.to_be_bytes(), &[site.0]];
    labelled("confirmation", &fields)
}

/// What a client shows a site instead of its tag: HMAC-SHA256 under the tag.
///
/// The tag itself would be a bearer secret: whoever once saw t of them could reserve the same try again in a later
/// round and reset the count. A proof counts in one round, for one try, at one site.
pub fn confirm_proof(tag: &[u8; 32], id: &TryId, round: u64, site: SiteIndex) -> [u8; 32] {
    confirm_mac(tag, id, round, site).finalize().into_bytes().into()
}

/// Whether `proof` is [`confirm_proof`]; compared in constant time.
pub fn confirm_proof_holds(tag: &[u8; 32], id: &TryId, round: u64, site: SiteIndex, proof: &[u8; 32]) -> bool {
    confirm_mac(tag, id, round, site).verify_slice(proof).is_ok()
}

fn confirm_mac(tag: &[u8; 32], id: &TryId, round: u64, site: SiteIndex) -> Hmac<Sha256> {
    let mac = Hmac::new_from_slice(tag).expect("HMAC takes keys of any length");
    mac.chain_update(labelled("confirm", &[&id.0, &round.to_be_bytes(), &[site.0]]))
}

/// The WebAuthn challenge of a passkey try: SHA-256 over the fleet, the account and each site's fresh nonce.
///
/// Sites may come in any order; each counts once, with its first nonce. `spec/passkey-release.md` says how many are
/// needed and how a nonce is bound to its session.
pub fn passkey_challenge(fleet: &FleetId, account: &AccountId, nonces: &[(SiteIndex, [u8; 32])]) -> [u8; 32] {
    let mut sorted: Vec<_> = nonces.iter().collect();
    sorted.sort_by_key(|(site, _)| *site);
    sorted.dedup_by_key(|(site, _)| *site);
    let mut fields: Vec<&[u8]> = vec![&fleet.0, &account.0];
    for (site, nonce) in sorted {
        fields.push(std::slice::from_ref(&site.0));
        fields.push(nonce);
    }
    Sha256::digest(labelled("passkey-challenge", &fields)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed apart from this code, with Python's `hmac` and `hashlib`.
    const PROOF: &str = "0b81e052bbccb8539d0e3f756b7901c598affb0a201824075fc46bb49df39a86";

    #[test]
    fn a_proof_is_the_published_one() {
        assert_eq!(hex::encode(confirm_proof(&[3; 32], &TryId([9; 32]), 7, SiteIndex(2))), PROOF);
    }

    #[test]
    fn a_proof_holds_for_one_tag_try_round_and_site() {
        let (tag, id, site) = ([3; 32], TryId([9; 32]), SiteIndex(2));
        let proof = confirm_proof(&tag, &id, 7, site);
        assert!(confirm_proof_holds(&tag, &id, 7, site, &proof));
        assert!(!confirm_proof_holds(&[4; 32], &id, 7, site, &proof));
        assert!(!confirm_proof_holds(&tag, &TryId([8; 32]), 7, site, &proof));
        assert!(!confirm_proof_holds(&tag, &id, 8, site, &proof));
        assert!(!confirm_proof_holds(&tag, &id, 7, SiteIndex(3), &proof));
        assert!(!confirm_proof_holds(&tag, &id, 7, site, &tag));
    }
}
