//! What a slot's parameters tell whoever has the header: which account to ask for, at which fleet.

use crate::code::CodeKind;
use crate::error::KeyError;
use crate::secret::Secret;
use crate::stretch::Argon2Params;
use serde::{Deserialize, Serialize};
use vault_protocol::{AccountId, Claim, FleetId, KeysDigest, OwnerKey};

/// Where an account is. All of it is the word of whoever stores the backup until a slot was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAddress {
    /// Made of the owner key and `claim`.
    pub account: AccountId,
    /// Nonce of the claim.
    #[serde(with = "hex_array")]
    pub claim: [u8; 16],
    /// Digest of the fleet's keys that the account is registered with.
    pub keys: KeysDigest,
    /// SHA-256 of the fleet's trust document.
    #[serde(with = "hex_array")]
    pub trust: [u8; 32],
    /// The fleet's id, which all its epochs have.
    pub fleet_id: FleetId,
    /// Where the fleet's keys are published.
    pub fleet_url: String,
}

/// Parameters of a `recovery_code` slot: where the vault is and how the code is stretched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverySlot {
    /// Which account to ask for.
    #[serde(flatten)]
    pub at: AccountAddress,
    /// Of the code, as the sites count it.
    pub version: u32,
    /// The header's part of the access key, which the sites must never see: with it and a generated
    /// code, or for an own code with it alone, tries can be asked for.
    #[serde(with = "hex_secret")]
    pub access: Secret<32>,
    /// How the code is stretched.
    pub argon2: Argon2Params,
    /// Who made the code.
    pub code: CodeKind,
}

/// Parameters of a `passkey` slot: where the vault is, and which passkey it asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeySlot {
    /// Which account to ask for.
    #[serde(flatten)]
    pub at: AccountAddress,
    /// Hex of the credential id.
    pub credential: String,
    /// `this_computer` or `security_key`.
    pub place: String,
}

impl AccountAddress {
    /// The claim that makes the account, if `owner` is whose it is.
    pub fn claim_of(&self, owner: [u8; 32]) -> Option<Claim> {
        let claim = Claim { owner: OwnerKey(owner), nonce: self.claim };
        (claim.account() == self.account).then_some(claim)
    }
}

/// Reads parameters of `what`. Those of protocol version 1 named no keys.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    what: &'static str,
    parameters: &serde_json::Value,
) -> Result<T, KeyError> {
    let of_version_1 = parameters.get("account").is_some() && parameters.get("keys").is_none();
    if of_version_1 {
        return Err(KeyError::Outdated(what));
    }
    T::deserialize(parameters).map_err(|e| KeyError::Malformed { what, why: e.to_string() })
}

mod hex_array {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(from)?;
        let mut bytes = [0; N];
        let read = hex::decode_to_slice(text, &mut bytes);
        read.map_err(|_| Error::custom(format!("not {} hex digits", 2 * N)))?;
        Ok(bytes)
    }
}

mod hex_secret {
    use crate::secret::Secret;
    use serde::{Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(secret: &Secret<32>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&Zeroizing::new(hex::encode(secret.expose())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret<32>, D::Error> {
        super::hex_array::deserialize(from).map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn slot() -> serde_json::Value {
        json!({ "account": "11".repeat(16), "claim": "22".repeat(16), "keys": "33".repeat(32),
            "access": "44".repeat(32), "version": 1, "trust": "55".repeat(32), "fleet_id": "66".repeat(16),
            "fleet_url": "https://fleet.example/#sha256=55", "code": "own",
            "argon2": { "m_kib": 19456, "t": 2, "p": 1 } })
    }

    #[test]
    fn a_slot_is_written_as_it_was_read_and_shows_its_secret_to_no_log() {
        let read: RecoverySlot = read("recovery code slot", &slot()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), slot());
        assert_eq!(read.access, Secret::new([0x44; 32]));
        assert!(!format!("{read:?}").contains("44"));
    }

    #[test]
    fn a_slot_of_protocol_version_1_is_told_from_a_malformed_one() {
        let refused = |change: fn(&mut serde_json::Map<String, serde_json::Value>)| {
            let mut value = slot();
            change(value.as_object_mut().unwrap());
            read::<RecoverySlot>("recovery code slot", &value).unwrap_err()
        };
        assert_eq!(refused(|s| drop(s.remove("keys"))), KeyError::Outdated("recovery code slot"));
        let malformed = |error| matches!(error, KeyError::Malformed { .. });
        assert!(malformed(refused(|s| drop(s.remove("access")))));
        assert!(malformed(refused(|s| drop(s.insert("claim".into(), json!("22"))))));
        assert!(malformed(refused(|s| drop(s.insert("keys".into(), json!("zz".repeat(32)))))));
        assert!(malformed(read::<RecoverySlot>("recovery code slot", &json!({})).unwrap_err()));
    }

    #[test]
    fn an_account_is_its_owners_and_nobody_elses() {
        let owner = [7; 32];
        let claim = Claim { owner: OwnerKey(owner), nonce: [0x22; 16] };
        let read: RecoverySlot = read("recovery code slot", &slot()).unwrap();
        let at = AccountAddress { account: claim.account(), ..read.at };
        assert_eq!(at.claim_of(owner), Some(claim));
        assert_eq!(at.claim_of([8; 32]), None);
    }
}
