//! Tries, the votes that let one be evaluated, and what ends a round.

use crate::ids::{AccountId, KeysDigest, Point, Round, Slot, SlotId, TryId, Version};
use crate::labelled::labelled;
use crate::record::Signature64;
use crate::statement::Statement;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One guess that somebody asks the fleet for, signed with the account's access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Try {
    /// Whose code is guessed.
    pub account: AccountId,
    /// Of the code.
    pub version: Version,
    /// Counts the times that all tries came back.
    pub round: Round,
    /// Which of the round's tries it is, from 1.
    pub slot: Slot,
    /// SHA-256 of the blinded element.
    pub alpha: [u8; 32],
    /// Unix seconds, as most sites' clocks say.
    pub at: u64,
    /// Ed25519 of the access key, over [`Try::message`].
    pub signature: Signature64,
}

impl Try {
    /// What the access key signs: all but the signature.
    pub fn message(&self, keys: &KeysDigest) -> Vec<u8> {
        let fields: [&[u8]; 7] = [
            &keys.0,
            &self.account.0,
            &self.version.to_be_bytes(),
            &self.round.to_be_bytes(),
            &[self.slot],
            &self.alpha,
            &self.at.to_be_bytes(),
        ];
        labelled("try", &fields)
    }

    /// Names the try, whatever its signature.
    pub fn id(&self, keys: &KeysDigest) -> TryId {
        TryId(Sha256::digest(self.message(keys)).into())
    }

    /// The place that it asks for.
    pub fn slot_id(&self, keys: &KeysDigest) -> SlotId {
        slot_id(keys, &self.account, self.round, self.slot)
    }

    /// Whether `alpha` is the element that was signed.
    pub fn is_of(&self, alpha: &Point) -> bool {
        self.alpha == alpha_digest(alpha)
    }
}

/// The digest of a blinded element that stands in a [`Try`].
pub fn alpha_digest(alpha: &Point) -> [u8; 32] {
    Sha256::digest(alpha.0).into()
}

/// Names a place for a guess.
pub fn slot_id(keys: &KeysDigest, account: &AccountId, round: Round, slot: Slot) -> SlotId {
    let fields: [&[u8]; 4] = [&keys.0, &account.0, &round.to_be_bytes(), &[slot]];
    SlotId(Sha256::digest(labelled("slot", &fields)).into())
}

/// A try that a quorum of sites voted for: sites evaluate nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What was voted for.
    pub tried: Try,
    /// Of different sites.
    pub votes: Vec<Statement>,
}

/// One site's vote, with what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlotVote {
    /// The round of the slot.
    pub round: Round,
    /// The slot that was voted on.
    pub slot: Slot,
    /// What the site voted for.
    pub tried: TryId,
    /// Signs [`crate::StatementOf::Vote`].
    pub statement: Statement,
}

/// Two votes of one site for one slot: what an honest site never gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Equivocation {
    /// The slot of both votes.
    pub slot: SlotId,
    /// One try, and the vote for it.
    pub first: (TryId, Statement),
    /// Another try, and the same site's vote for it.
    pub second: (TryId, Statement),
}

/// A round is over, and all tries are back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoundEnd {
    /// The round that ended.
    pub round: Round,
    /// Why it ended.
    pub proof: RoundEndProof,
}

/// What ends a round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RoundEndProof {
    /// t different sites saw the right tag for one try of the round.
    Receipts {
        /// Of the code.
        version: Version,
        /// The try that was right.
        tried: TryId,
        /// Of different sites.
        receipts: Vec<Statement>,
    },
    /// The owner said so, without a guess: Ed25519 over [`reset_message`].
    Reset {
        /// Of the owner key.
        signature: Signature64,
    },
}

/// What an owner signs (Ed25519) to end a round.
pub fn reset_message(keys: &KeysDigest, account: &AccountId, round: Round) -> Vec<u8> {
    labelled("owner-reset", &[&keys.0, &account.0, &round.to_be_bytes()])
}

/// What a client shows a site instead of its tag: HMAC-SHA256 under the tag.
///
/// The tag itself would be a bearer secret: whoever once saw t of them could end every later round.
/// A proof is worth something for one try, in one round, at one site.
pub fn confirm_proof(tag: &[u8; 32], keys: &KeysDigest, tried: &TryId, site: u8) -> [u8; 32] {
    confirm_mac(tag, keys, tried, site).finalize().into_bytes().into()
}

/// Whether `proof` is [`confirm_proof`]; compared in constant time.
pub fn confirm_proof_holds(
    tag: &[u8; 32],
    keys: &KeysDigest,
    tried: &TryId,
    site: u8,
    proof: &[u8; 32],
) -> bool {
    confirm_mac(tag, keys, tried, site).verify_slice(proof).is_ok()
}

fn confirm_mac(tag: &[u8; 32], keys: &KeysDigest, tried: &TryId, site: u8) -> Hmac<Sha256> {
    let mac = Hmac::new_from_slice(tag).expect("HMAC takes keys of any length");
    // The try's id holds account, version and round.
    mac.chain_update(labelled("confirm", &[&keys.0, &tried.0, &[site]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_one_tag_try_fleet_and_site() {
        let keys = KeysDigest([1; 32]);
        let tried = TryId([9; 32]);
        let proof = confirm_proof(&[3; 32], &keys, &tried, 2);
        assert!(confirm_proof_holds(&[3; 32], &keys, &tried, 2, &proof));
        assert!(!confirm_proof_holds(&[4; 32], &keys, &tried, 2, &proof));
        assert!(!confirm_proof_holds(&[3; 32], &KeysDigest([2; 32]), &tried, 2, &proof));
        assert!(!confirm_proof_holds(&[3; 32], &keys, &TryId([8; 32]), 2, &proof));
        assert!(!confirm_proof_holds(&[3; 32], &keys, &tried, 3, &proof));
    }

    #[test]
    fn every_field_of_a_try_changes_its_name() {
        let tried = Try {
            account: AccountId([1; 16]),
            version: 1,
            round: 0,
            slot: 1,
            alpha: [2; 32],
            at: 3,
            signature: Signature64([0; 64]),
        };
        type Change = fn(&mut Try);
        let changes: [Change; 6] = [
            |t| t.account.0[0] ^= 1,
            |t| t.version += 1,
            |t| t.round += 1,
            |t| t.slot += 1,
            |t| t.alpha[0] ^= 1,
            |t| t.at += 1,
        ];
        let keys = KeysDigest([7; 32]);
        for change in changes {
            let mut other = tried;
            change(&mut other);
            assert_ne!(other.id(&keys), tried.id(&keys));
        }
        let resigned = Try { signature: Signature64([1; 64]), ..tried };
        assert_eq!(resigned.id(&keys), tried.id(&keys));
    }
}
