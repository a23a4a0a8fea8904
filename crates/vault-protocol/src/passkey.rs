//! What an account keeps in the fleet for its passkeys (spec/passkey-release.md).

use crate::DecodeError;
use crate::ids::{AccountId, FleetId, SiteIndex};
use crate::labelled::{labelled, passkey_challenge};
use crate::limits::{MAX_CREDENTIAL_ID, MAX_PASSKEY_BOX, MAX_PASSKEYS, MAX_SITES, MAX_WEBAUTHN_JSON};
use crate::record::{OwnerKey, SealedBox, Signature64};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The relying party of all passkeys. Keepsake has no web site of its own, and an app's window has another origin on each
/// system. The `.invalid` top level domain is reserved (RFC 6761): no web page can ever ask for these passkeys.
pub const RP_ID: &str = "keepsake.invalid";

/// Fixed logical origin: compared as text, never connected to.
pub const ORIGIN: &str = "https://keepsake.invalid";

/// What one site gave in one session, towards a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteNonce {
    pub site: SiteIndex,
    pub nonce: [u8; 32],
}

/// Counts the owner's changes to an account's passkeys, from 1: what was signed for an earlier one is of no use later.
pub type Change = u32;

/// A passkey as every site keeps it. It proves itself: the registration holds for the challenge of its nonces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRecord {
    pub account: AccountId,
    pub epoch: u64,
    /// The change that adds it.
    pub change: Change,
    pub credential: Vec<u8>,
    pub nonces: Vec<SiteNonce>,
    /// RegistrationResponseJSON (WebAuthn level 3, 5.1), as sent.
    pub registration: Vec<u8>,
    /// Box i at position i - 1.
    pub boxes: Vec<SealedBox>,
}

/// SHA-256 that names a [`PasskeyRecord`] in a roster.
pub type PasskeyDigest = [u8; 32];

/// The owner's word on which passkeys an account has from now on. Whoever is not on it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    pub account: AccountId,
    pub owner: OwnerKey,
    pub change: Change,
    /// Oldest first.
    pub passkeys: Vec<PasskeyDigest>,
}

/// A roster with the owner's signature (Ed25519, [`roster_message`]), and the passkey that is new on it, if any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterUpdate {
    pub roster: Roster,
    pub signature: Signature64,
    pub added: Option<PasskeyRecord>,
}

/// A passkey as anyone who knows the account may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyStatus {
    pub digest: PasskeyDigest,
    pub credential: Vec<u8>,
    pub epoch: u64,
    /// Unix seconds.
    pub added: u64,
    pub last_used: Option<u64>,
}

/// The passkeys of an account, as one site sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyList {
    /// The last change that was applied; the next one is one more.
    pub change: Change,
    pub passkeys: Vec<PasskeyStatus>,
}

impl PasskeyRecord {
    /// Checks bounds and counts against a fleet of `sites` sites, `threshold` of which must have given a nonce.
    ///
    /// # Errors
    /// What is too long, missing or there twice.
    pub fn check_shape(&self, sites: usize, threshold: u8) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("passkey record", why.to_string()));
        if self.boxes.len() != sites || sites > MAX_SITES {
            return bad("there must be one box for each site");
        }
        if self.boxes.iter().any(|b| b.0.len() > MAX_PASSKEY_BOX) {
            return bad("a box is too large");
        }
        if self.credential.is_empty() || self.credential.len() > MAX_CREDENTIAL_ID {
            return bad("a credential id has 1 to 1023 bytes");
        }
        if self.registration.len() > MAX_WEBAUTHN_JSON {
            return bad("the registration is too long");
        }
        check_nonces(&self.nonces, sites, threshold)
    }

    /// Names the record, whole.
    pub fn digest(&self) -> PasskeyDigest {
        let bytes = postcard::to_allocvec(self).expect("a record is plain data");
        Sha256::digest(labelled("passkey-record", &[&bytes])).into()
    }

    /// What the registration's challenge must be.
    pub fn challenge(&self, fleet: &FleetId) -> [u8; 32] {
        challenge_of(fleet, &self.account, &self.nonces)
    }
}

impl Roster {
    /// # Errors
    /// Too many passkeys, or one twice.
    pub fn check_shape(&self) -> Result<(), DecodeError> {
        let twice = self.passkeys.iter().enumerate().any(|(i, d)| self.passkeys[..i].contains(d));
        if self.passkeys.len() > MAX_PASSKEYS || twice || self.change == 0 {
            return Err(DecodeError::Malformed("roster", "too many passkeys, or one twice, or change 0".into()));
        }
        Ok(())
    }
}

/// At least `threshold` different sites of the fleet, each once.
///
/// # Errors
/// A site twice, one that the fleet has not, or too few.
pub fn check_nonces(nonces: &[SiteNonce], sites: usize, threshold: u8) -> Result<(), DecodeError> {
    let known = |n: &SiteNonce| (1..=sites).contains(&usize::from(n.site.0));
    let twice = nonces.iter().enumerate().any(|(i, n)| nonces[..i].iter().any(|m| m.site == n.site));
    if nonces.len() < usize::from(threshold) || nonces.len() > sites || twice || !nonces.iter().all(known) {
        return Err(DecodeError::Malformed("list of nonces", "it needs t different sites of the fleet".into()));
    }
    Ok(())
}

/// [`passkey_challenge`] of a list of nonces.
pub fn challenge_of(fleet: &FleetId, account: &AccountId, nonces: &[SiteNonce]) -> [u8; 32] {
    let pairs: Vec<_> = nonces.iter().map(|n| (n.site, n.nonce)).collect();
    passkey_challenge(fleet, account, &pairs)
}

/// HPKE `info` of a passkey's box: it opens only for this fleet, epoch, account, credential and site.
pub fn passkey_box_info(
    fleet: &FleetId,
    epoch: u64,
    account: &AccountId,
    credential: &[u8],
    site: SiteIndex,
) -> Vec<u8> {
    labelled("passkey-box", &[&fleet.0, &epoch.to_be_bytes(), &account.0, credential, &[site.0]])
}

/// What an owner signs (Ed25519) to add or remove passkeys.
pub fn roster_message(fleet: &FleetId, roster: &Roster) -> Vec<u8> {
    let bytes = postcard::to_allocvec(roster).expect("a roster is plain data");
    labelled("owner-roster", &[&fleet.0, &bytes])
}

/// Plaintext of a passkey's box. Opened after the passkey was verified, sent inside the session, and wiped at once.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct PasskeyBoxContents {
    /// s_i
    pub share: [u8; 32],
    /// Of the secret that t shares make.
    pub commitment: [u8; 32],
}

impl PasskeyBoxContents {
    pub const LEN: usize = 64;

    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.share, self.commitment].concat())
    }

    /// Reads exactly [`Self::LEN`] bytes.
    ///
    /// # Errors
    /// Another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (share, commitment) = bytes.split_at_checked(32).unwrap_or_default();
        match (share.try_into(), commitment.try_into()) {
            (Ok(share), Ok(commitment)) => Ok(Self { share, commitment }),
            _ => Err(DecodeError::Malformed("passkey box", format!("{} bytes, not {}", bytes.len(), Self::LEN))),
        }
    }
}

impl fmt::Debug for PasskeyBoxContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyBoxContents(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonces(sites: &[u8]) -> Vec<SiteNonce> {
        sites.iter().map(|site| SiteNonce { site: SiteIndex(*site), nonce: [*site; 32] }).collect()
    }

    #[test]
    fn a_challenge_needs_t_different_sites_of_the_fleet() {
        assert!(check_nonces(&nonces(&[1, 2, 3]), 5, 3).is_ok());
        for refused in [&[1, 2][..], &[1, 2, 2], &[1, 2, 6], &[0, 1, 2], &[]] {
            assert!(check_nonces(&nonces(refused), 5, 3).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_record_of_the_largest_size_is_within_bounds_and_one_byte_more_is_not() {
        let largest = PasskeyRecord {
            account: AccountId([1; 16]),
            epoch: 1,
            change: 1,
            credential: vec![2; MAX_CREDENTIAL_ID],
            nonces: nonces(&[1, 2, 3, 4, 5, 6, 7]),
            registration: vec![3; MAX_WEBAUTHN_JSON],
            boxes: vec![SealedBox(vec![4; MAX_PASSKEY_BOX]); 7],
        };
        assert!(largest.check_shape(7, 4).is_ok());
        assert!(postcard::to_allocvec(&largest).unwrap().len() <= crate::limits::MAX_PASSKEY_RECORD);
        let longer = |change: fn(&mut PasskeyRecord)| {
            let mut record = largest.clone();
            change(&mut record);
            record.check_shape(7, 4)
        };
        assert!(longer(|r| r.credential.push(0)).is_err());
        assert!(longer(|r| r.registration.push(0)).is_err());
        assert!(longer(|r| r.boxes[0].0.push(0)).is_err());
        assert!(longer(|r| r.boxes.truncate(6)).is_err());
    }

    #[test]
    fn a_box_has_one_length() {
        let contents = PasskeyBoxContents { share: [1; 32], commitment: [2; 32] };
        assert_eq!(PasskeyBoxContents::from_bytes(&contents.to_bytes()), Ok(contents));
        for len in [0, 31, 63, 65, 129] {
            assert!(PasskeyBoxContents::from_bytes(&vec![0; len]).is_err(), "{len}");
        }
    }
}
