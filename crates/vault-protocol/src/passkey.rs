//! What an account has in the fleet for its passkeys (spec/passkey-release.md).

use crate::DecodeError;
use crate::ids::{AccountId, KeysDigest, SiteIndex};
use crate::labelled::labelled;
use crate::limits::{
    MAX_CREDENTIAL_ID, MAX_PASSKEY_BOX, MAX_PASSKEYS, MAX_SITES, MAX_WEBAUTHN_JSON,
};
use crate::record::{Claim, DeviceBox, Signature64, boxes_digest, check_boxes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The relying party of all passkeys. Keepsake has no web site of its own, and an app's window has
/// another origin on each system. The `.invalid` top level domain is reserved (RFC 6761): no web
/// page can ever ask for these passkeys.
pub const RP_ID: &str = "keepsake.invalid";

/// Fixed logical origin: compared as text, never connected to.
pub const ORIGIN: &str = "https://keepsake.invalid";

/// What one site gave in one session, towards a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteNonce {
    /// Who gave it.
    pub site: SiteIndex,
    /// Random, for one session of this site.
    pub nonce: [u8; 32],
    /// Of the session that it was given in (Noise, section 5.2: `h`): an answer that was asked for
    /// in another session, or by somebody in between, is worth nothing in this one.
    pub handshake: [u8; 32],
}

/// Counts the owner's changes to an account's passkeys, from 1: what was signed for an earlier one
/// is of no use later.
pub type RosterNumber = u32;

/// SHA-256 that names a passkey in a roster ([`PasskeyHead::digest`]).
pub type PasskeyDigest = [u8; 32];

/// What a roster names: a passkey without its bulk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PasskeyHead {
    /// Whose passkey it is.
    pub account: AccountId,
    /// Of the fleet whose devices its boxes are sealed to.
    pub keys: KeysDigest,
    /// The roster that adds it.
    pub number: RosterNumber,
    /// The id that WebAuthn gave it, at most [`crate::limits::MAX_CREDENTIAL_ID`] bytes.
    pub credential: Vec<u8>,
    /// To the one polynomial that all shares lie on.
    pub commitment: [u8; 32],
    /// Over nonces and registration.
    pub registration: [u8; 32],
    /// [`boxes_digest`]
    pub boxes: [u8; 32],
}

/// A passkey as every site stores it. It proves itself: its registration holds for the challenge of
/// its nonces, and its owner's roster names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PasskeyRecord {
    /// What the roster names.
    pub head: PasskeyHead,
    /// The challenge of the registration was made of them.
    pub nonces: Vec<SiteNonce>,
    /// RegistrationResponseJSON (WebAuthn level 3, 5.1), as sent.
    pub registration: Vec<u8>,
    /// One for each site that was there, in their order.
    pub boxes: Vec<DeviceBox>,
}

/// The owner's word on which passkeys an account has from now on. Whoever is not on it is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Roster {
    /// Shows that the owner's key is this account's.
    pub claim: Claim,
    /// One more than the roster's before.
    pub number: RosterNumber,
    /// Oldest first.
    pub passkeys: Vec<PasskeyDigest>,
}

/// A roster with the owner's signature (Ed25519, [`Roster::message`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SignedRoster {
    /// What was signed.
    pub roster: Roster,
    /// Over [`Roster::message`].
    pub signature: Signature64,
}

/// A passkey as anyone who knows the account may see it, from one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyStatus {
    /// Which passkey.
    pub head: PasskeyHead,
    /// Unix seconds at which this site learned of it.
    pub added: u64,
    /// Unix seconds of its last use at this site.
    pub last_used: Option<u64>,
}

impl PasskeyHead {
    /// Names the passkey, whole.
    pub fn digest(&self) -> PasskeyDigest {
        let bytes = postcard::to_allocvec(self).expect("a head is plain data");
        Sha256::digest(labelled("passkey-record", &[&bytes])).into()
    }
}

/// What a head says of nonces and registration.
pub fn registration_digest(nonces: &[SiteNonce], registration: &[u8]) -> [u8; 32] {
    let nonces = postcard::to_allocvec(nonces).expect("nonces are plain data");
    Sha256::digest(labelled("passkey-registration", &[&nonces, registration])).into()
}

impl PasskeyRecord {
    /// Checks bounds, counts and digests against a fleet of `sites` sites, `threshold` of which
    /// must have given a nonce.
    ///
    /// # Errors
    /// What is too long, missing, there twice, or does not belong together.
    pub fn check_shape(&self, sites: usize, threshold: u8) -> Result<(), DecodeError> {
        let bad = |why: &str| Err(DecodeError::Malformed("passkey record", why.to_string()));
        let head = &self.head;
        if head.credential.is_empty() || head.credential.len() > MAX_CREDENTIAL_ID {
            return bad("a credential id has 1 to 1023 bytes");
        }
        if self.registration.len() > MAX_WEBAUTHN_JSON {
            return bad("the registration is too long");
        }
        check_boxes(&self.boxes, sites, threshold, MAX_PASSKEY_BOX)?;
        check_nonces(&self.nonces, sites, threshold)?;
        if head.boxes != boxes_digest(&self.boxes)
            || head.registration != registration_digest(&self.nonces, &self.registration)
        {
            return bad("its parts do not belong together");
        }
        Ok(())
    }

    /// Names it in a roster.
    pub fn digest(&self) -> PasskeyDigest {
        self.head.digest()
    }

    /// What the registration's challenge must be.
    pub fn challenge(&self) -> [u8; 32] {
        passkey_challenge(&self.head.keys, &self.head.account, &self.nonces)
    }
}

impl Roster {
    /// # Errors
    /// Too many passkeys, or one twice, or number 0.
    pub fn check_shape(&self) -> Result<(), DecodeError> {
        let twice = self.passkeys.iter().enumerate().any(|(i, d)| self.passkeys[..i].contains(d));
        if self.passkeys.len() > MAX_PASSKEYS || twice || self.number == 0 {
            let why = "too many passkeys, or one twice, or number 0".into();
            return Err(DecodeError::Malformed("roster", why));
        }
        Ok(())
    }

    /// What an owner signs (Ed25519) to add or remove passkeys.
    pub fn message(&self, keys: &KeysDigest) -> Vec<u8> {
        let bytes = postcard::to_allocvec(self).expect("a roster is plain data");
        labelled("owner-roster", &[&keys.0, &bytes])
    }

    /// Names the roster in acknowledgements.
    pub fn digest(&self, keys: &KeysDigest) -> [u8; 32] {
        Sha256::digest(self.message(keys)).into()
    }
}

impl SignedRoster {
    /// The newer of two rosters is the larger of their ranks: number, then the postcard encoding,
    /// byte by byte (spec/vault-protocol.md section 5).
    pub fn rank(&self) -> (RosterNumber, Vec<u8>) {
        let bytes = postcard::to_allocvec(self).expect("a roster is plain data");
        (self.roster.number, bytes)
    }
}

/// At least `threshold` different sites of the fleet, each once.
///
/// # Errors
/// A site twice, one that the fleet has not, or too few.
pub fn check_nonces(nonces: &[SiteNonce], sites: usize, threshold: u8) -> Result<(), DecodeError> {
    let known = |n: &SiteNonce| (1..=sites).contains(&usize::from(n.site.0));
    let twice =
        nonces.iter().enumerate().any(|(i, n)| nonces[..i].iter().any(|m| m.site == n.site));
    let few = nonces.len() < usize::from(threshold);
    if sites > MAX_SITES || few || nonces.len() > sites || twice || !nonces.iter().all(known) {
        let why = "it needs t different sites of the fleet".into();
        return Err(DecodeError::Malformed("list of nonces", why));
    }
    Ok(())
}

/// The WebAuthn challenge: SHA-256 over the fleet's keys, the account, and each site's nonce with
/// the handshake hash of the session that it was given in. Sites may come in any order; each counts
/// once.
pub fn passkey_challenge(keys: &KeysDigest, account: &AccountId, nonces: &[SiteNonce]) -> [u8; 32] {
    let mut sorted: Vec<_> = nonces.iter().collect();
    sorted.sort_by_key(|n| n.site);
    sorted.dedup_by_key(|n| n.site);
    let mut fields: Vec<&[u8]> = vec![&keys.0, &account.0];
    for nonce in sorted {
        fields.push(std::slice::from_ref(&nonce.site.0));
        fields.push(&nonce.nonce);
        fields.push(&nonce.handshake);
    }
    Sha256::digest(labelled("passkey-challenge", &fields)).into()
}

/// HPKE `info` of a passkey's box: it opens only for this fleet, account, credential and device.
pub fn passkey_box_info(
    keys: &KeysDigest,
    account: &AccountId,
    credential: &[u8],
    site: SiteIndex,
    serial: u32,
) -> Vec<u8> {
    let fields: [&[u8]; 5] = [&keys.0, &account.0, credential, &[site.0], &serial.to_be_bytes()];
    labelled("passkey-box", &fields)
}

/// Plaintext of a passkey's box: s_i. Opened after the passkey was verified, sent inside the
/// session, and wiped at once.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct PasskeyShare(pub [u8; 32]);

impl fmt::Debug for PasskeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyShare(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{OwnerKey, SealedBox};

    fn nonces(sites: &[u8]) -> Vec<SiteNonce> {
        let nonce = |site: &u8| SiteNonce {
            site: SiteIndex(*site),
            nonce: [*site; 32],
            handshake: [0x80 | *site; 32],
        };
        sites.iter().map(nonce).collect()
    }

    fn record() -> PasskeyRecord {
        let boxes: Vec<_> = (1..=7)
            .map(|site| DeviceBox {
                site: SiteIndex(site),
                serial: u32::MAX,
                sealed: SealedBox(vec![4; MAX_PASSKEY_BOX]),
            })
            .collect();
        let registration = vec![3; MAX_WEBAUTHN_JSON];
        let nonces = nonces(&[1, 2, 3, 4, 5, 6, 7]);
        let head = PasskeyHead {
            account: AccountId([1; 16]),
            keys: KeysDigest([2; 32]),
            number: 1,
            credential: vec![2; MAX_CREDENTIAL_ID],
            commitment: [5; 32],
            registration: registration_digest(&nonces, &registration),
            boxes: boxes_digest(&boxes),
        };
        PasskeyRecord { head, nonces, registration, boxes }
    }

    #[test]
    fn a_challenge_needs_t_different_sites_of_the_fleet() {
        assert!(check_nonces(&nonces(&[1, 2, 3]), 5, 3).is_ok());
        for refused in [&[1, 2][..], &[1, 2, 2], &[1, 2, 6], &[0, 1, 2], &[]] {
            assert!(check_nonces(&nonces(refused), 5, 3).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_challenge_is_of_one_fleet_account_and_set_of_sessions() {
        let keys = KeysDigest([1; 32]);
        let account = AccountId([2; 16]);
        let challenge = passkey_challenge(&keys, &account, &nonces(&[1, 2, 3]));
        assert_eq!(challenge, passkey_challenge(&keys, &account, &nonces(&[3, 1, 2])));
        let mut relayed = nonces(&[1, 2, 3]);
        relayed[1].handshake = [0; 32];
        assert_ne!(challenge, passkey_challenge(&keys, &account, &relayed));
        assert_ne!(
            challenge,
            passkey_challenge(&KeysDigest([2; 32]), &account, &nonces(&[1, 2, 3]))
        );
        assert_ne!(challenge, passkey_challenge(&keys, &AccountId([3; 16]), &nonces(&[1, 2, 3])));
    }

    #[test]
    fn a_record_of_the_largest_size_is_within_bounds_and_one_byte_more_is_not() {
        assert!(record().check_shape(7, 4).is_ok());
        let len = postcard::to_allocvec(&record()).unwrap().len();
        assert!(len <= crate::limits::MAX_PASSKEY_RECORD, "{len}");
        let changed = |change: fn(&mut PasskeyRecord)| {
            let mut record = record();
            change(&mut record);
            record.check_shape(7, 4)
        };
        assert!(changed(|r| r.head.credential.push(0)).is_err());
        assert!(changed(|r| r.registration.push(0)).is_err());
        assert!(changed(|r| r.boxes[0].sealed.0.push(0)).is_err());
        assert!(changed(|r| r.boxes.truncate(3)).is_err());
        assert!(changed(|r| r.boxes[1].sealed.0[0] ^= 1).is_err());
        assert!(changed(|r| r.nonces[1].handshake[0] ^= 1).is_err());
    }

    #[test]
    fn a_roster_names_each_passkey_once() {
        let claim = Claim { owner: OwnerKey([1; 32]), nonce: [2; 16] };
        let roster = |passkeys: Vec<PasskeyDigest>, number| Roster { claim, number, passkeys };
        assert!(roster(vec![], 1).check_shape().is_ok());
        assert!(roster(vec![[1; 32], [2; 32]], 1).check_shape().is_ok());
        assert!(roster(vec![[1; 32], [1; 32]], 1).check_shape().is_err());
        assert!(roster(vec![], 0).check_shape().is_err());
        let too_many = (0..=MAX_PASSKEYS).map(|i| [u8::try_from(i).unwrap(); 32]).collect();
        assert!(roster(too_many, 1).check_shape().is_err());
    }
}
