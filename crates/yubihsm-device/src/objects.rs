//! What a ceremony makes in every device of a fleet, as the profile of a device demands
//! (spec/vault-protocol.md).

use super::EcdhKey;
use fleet_evidence::device_profile::{
    FLEET_KEY, KEY_DOMAINS, OPERATIONAL_AUTH_KEY, OPRF_KEY, RECEIPT_KEY, SEAL_KEY, SESSION_KEY,
    STATEMENT_AUTH_KEY, STATEMENT_DOMAINS, TYPE_ASYMMETRIC_KEY, TYPE_AUTHENTICATION_KEY,
    TYPE_WRAP_KEY, capability,
};

/// Object types (yubihsm.h, `yh_object_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectType {
    /// A login.
    AuthenticationKey,
    /// A key pair.
    AsymmetricKey,
    /// What wraps other keys.
    WrapKey,
}

impl ObjectType {
    /// As it stands in commands and answers.
    pub fn code(self) -> u8 {
        match self {
            Self::AuthenticationKey => TYPE_AUTHENTICATION_KEY,
            Self::AsymmetricKey => TYPE_ASYMMETRIC_KEY,
            Self::WrapKey => TYPE_WRAP_KEY,
        }
    }

    /// The type of this number, if it is one of these.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::AuthenticationKey, Self::AsymmetricKey, Self::WrapKey]
            .into_iter()
            .find(|t| t.code() == code)
    }
}

/// A key that is generated inside the device, EC P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// Its number in the device.
    pub id: u16,
    /// At most 40 characters.
    pub label: &'static str,
    /// What it may do.
    pub capabilities: u64,
}

/// [`KeyRole::Oprf`](fleet_evidence::device_profile::KeyRole::Oprf)
pub const OPRF: KeySpec =
    KeySpec { id: OPRF_KEY, label: "keepsake oprf key", capabilities: capability::DERIVE_ECDH };
/// [`KeyRole::Seal`](fleet_evidence::device_profile::KeyRole::Seal)
pub const SEAL: KeySpec =
    KeySpec { id: SEAL_KEY, label: "keepsake seal key", capabilities: capability::DERIVE_ECDH };
/// The device cannot drop a capability later: what ends the export is that every wrap key, and
/// every login that could make one, is gone.
pub const FLEET: KeySpec = KeySpec {
    id: FLEET_KEY,
    label: "keepsake fleet key",
    capabilities: capability::DERIVE_ECDH | capability::EXPORTABLE_UNDER_WRAP,
};
/// [`KeyRole::Receipt`](fleet_evidence::device_profile::KeyRole::Receipt)
pub const RECEIPT: KeySpec = KeySpec {
    id: RECEIPT_KEY,
    label: "keepsake receipt key",
    capabilities: capability::SIGN_ECDSA,
};

/// The site's own, so that whoever holds another site's device cannot answer in its place.
pub const SESSION: KeySpec = KeySpec {
    id: SESSION_KEY,
    label: "keepsake session key",
    capabilities: capability::DERIVE_ECDH,
};

/// Every key a finished device holds, in the order of their ids.
pub const KEYS: [KeySpec; 5] = [OPRF, SEAL, FLEET, RECEIPT, SESSION];

/// A login that stays after the ceremony. Neither may pass any capability on; each may change its
/// own key, which its site does once ([`super::own_login`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthSpec {
    /// Its number in the device.
    pub id: u16,
    /// At most 40 characters.
    pub label: &'static str,
    /// Domains that it reaches.
    pub domains: u16,
    /// What it may do.
    pub capabilities: u64,
}

/// Uses the keys, reads the log and the options. It cannot attest: a certificate is made in the
/// ceremony or, for powerless keys, by the other login.
pub const OPERATIONAL: AuthSpec = AuthSpec {
    id: OPERATIONAL_AUTH_KEY,
    label: "keepsake operational",
    domains: KEY_DOMAINS,
    capabilities: capability::DERIVE_ECDH
        | capability::SIGN_ECDSA
        | capability::GET_LOG_ENTRIES
        | capability::GET_OPTION
        | capability::CHANGE_AUTHENTICATION_KEY,
};
/// Makes throw-away keys and has them attested, and can use none of the site's keys.
pub const STATEMENT: AuthSpec = AuthSpec {
    id: STATEMENT_AUTH_KEY,
    label: "keepsake statement",
    domains: STATEMENT_DOMAINS,
    capabilities: capability::GENERATE_ASYMMETRIC_KEY
        | capability::DELETE_ASYMMETRIC_KEY
        | capability::SIGN_ATTESTATION_CERTIFICATE
        | capability::CHANGE_AUTHENTICATION_KEY,
};
/// Every login that a finished device has.
pub const LOGINS: [AuthSpec; 2] = [OPERATIONAL, STATEMENT];

/// Id of a key that a site computes ECDH with.
pub fn ecdh_key_id(key: EcdhKey) -> u16 {
    match key {
        EcdhKey::Oprf => OPRF_KEY,
        EcdhKey::Seal => SEAL_KEY,
        EcdhKey::Fleet => FLEET_KEY,
        EcdhKey::Session => SESSION_KEY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::device_profile::{self, KeyRole};

    #[test]
    fn what_is_made_here_is_what_the_verifier_asks_for() {
        for (spec, role) in KEYS.iter().zip(KeyRole::ALL) {
            assert_eq!((spec.id, spec.capabilities), (role.id(), role.capabilities()));
        }
        assert_eq!(OPERATIONAL.capabilities & !device_profile::OPERATIONAL_CAPABILITIES, 0);
        assert_eq!(STATEMENT.capabilities & !device_profile::STATEMENT_CAPABILITIES, 0);
        assert!(LOGINS.iter().all(|l| l.capabilities & capability::CHANGE_AUTHENTICATION_KEY != 0));
    }
}
