//! What lives in every device of a fleet: ids, capabilities, labels, audited commands (spec/vault-protocol.md).

use super::EcdhKey;

pub const OPRF_KEY: u16 = 0x0101;
pub const SEAL_KEY: u16 = 0x0102;
pub const FLEET_KEY: u16 = 0x0103;
pub const RECEIPT_KEY: u16 = 0x0104;
pub const SESSION_KEY: u16 = 0x0105;
/// The factory's login with every power; deleted at the end of the ceremony.
pub const DEFAULT_AUTH_KEY: u16 = 0x0001;
/// What a site works with.
pub const OPERATIONAL_AUTH_KEY: u16 = 0x0201;
/// Makes, attests and deletes powerless keys, and nothing else.
pub const STATEMENT_AUTH_KEY: u16 = 0x0202;
/// Exists only while the fleet key is being cloned.
pub const WRAP_KEY: u16 = 0x0301;
/// The throw-away key of a device statement.
pub const STATEMENT_KEY: u16 = 0x0401;

/// Domains are bits; domain 1 holds the keys, domain 2 the statement keys.
pub const KEY_DOMAIN: u16 = 1;
pub const STATEMENT_DOMAIN: u16 = 1 << 1;

/// Capability bits (yubihsm.h, `yh_capability`).
pub mod capability {
    pub const GENERATE_ASYMMETRIC_KEY: u64 = 1 << 0x04;
    pub const SIGN_ECDSA: u64 = 1 << 0x07;
    pub const DERIVE_ECDH: u64 = 1 << 0x0b;
    pub const EXPORT_WRAPPED: u64 = 1 << 0x0c;
    pub const IMPORT_WRAPPED: u64 = 1 << 0x0d;
    pub const EXPORTABLE_UNDER_WRAP: u64 = 1 << 0x10;
    pub const GET_OPTION: u64 = 1 << 0x12;
    pub const GET_LOG_ENTRIES: u64 = 1 << 0x18;
    pub const SIGN_ATTESTATION_CERTIFICATE: u64 = 1 << 0x22;
    pub const DELETE_ASYMMETRIC_KEY: u64 = 1 << 0x29;
    /// Reaches the session's own login only.
    pub const CHANGE_AUTHENTICATION_KEY: u64 = 1 << 0x2e;
}

/// Object types (yubihsm.h, `yh_object_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectType {
    AuthenticationKey,
    AsymmetricKey,
    WrapKey,
}

impl ObjectType {
    pub fn code(self) -> u8 {
        match self {
            Self::AuthenticationKey => 0x02,
            Self::AsymmetricKey => 0x03,
            Self::WrapKey => 0x04,
        }
    }

    pub fn from_code(code: u8) -> Option<Self> {
        [Self::AuthenticationKey, Self::AsymmetricKey, Self::WrapKey].into_iter().find(|t| t.code() == code)
    }
}

/// A key that is generated inside the device, EC P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    pub id: u16,
    pub label: &'static str,
    pub capabilities: u64,
}

pub const OPRF: KeySpec = KeySpec { id: OPRF_KEY, label: "keepsake oprf key", capabilities: capability::DERIVE_ECDH };
pub const SEAL: KeySpec = KeySpec { id: SEAL_KEY, label: "keepsake seal key", capabilities: capability::DERIVE_ECDH };
/// The device cannot drop a capability later: what ends the export is that every wrap key, and every login that could
/// make one, is gone.
pub const FLEET: KeySpec = KeySpec {
    id: FLEET_KEY,
    label: "keepsake fleet key",
    capabilities: capability::DERIVE_ECDH | capability::EXPORTABLE_UNDER_WRAP,
};
pub const RECEIPT: KeySpec =
    KeySpec { id: RECEIPT_KEY, label: "keepsake receipt key", capabilities: capability::SIGN_ECDSA };

/// The site's own, so that whoever holds another site's device cannot answer in its place.
pub const SESSION: KeySpec =
    KeySpec { id: SESSION_KEY, label: "keepsake session key", capabilities: capability::DERIVE_ECDH };

/// Every key a finished device holds, in the order of their ids.
pub const KEYS: [KeySpec; 5] = [OPRF, SEAL, FLEET, RECEIPT, SESSION];

/// A login that stays after the ceremony. Neither may pass any capability on; each may change its own key, which its site
/// does once ([`super::own_login`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthSpec {
    pub id: u16,
    pub label: &'static str,
    pub domains: u16,
    pub capabilities: u64,
}

/// Uses the keys, reads the log and the options. It cannot attest: a certificate is made in the ceremony or, for
/// powerless keys, by the other login.
pub const OPERATIONAL: AuthSpec = AuthSpec {
    id: OPERATIONAL_AUTH_KEY,
    label: "keepsake operational",
    domains: KEY_DOMAIN,
    capabilities: capability::DERIVE_ECDH
        | capability::SIGN_ECDSA
        | capability::GET_LOG_ENTRIES
        | capability::GET_OPTION
        | capability::CHANGE_AUTHENTICATION_KEY,
};
pub const STATEMENT: AuthSpec = AuthSpec {
    id: STATEMENT_AUTH_KEY,
    label: "keepsake statement",
    domains: STATEMENT_DOMAIN,
    capabilities: capability::GENERATE_ASYMMETRIC_KEY
        | capability::DELETE_ASYMMETRIC_KEY
        | capability::SIGN_ATTESTATION_CERTIFICATE
        | capability::CHANGE_AUTHENTICATION_KEY,
};
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
    use fleet_evidence::rules;

    #[test]
    fn what_is_made_here_is_what_the_verifier_asks_for() {
        for (spec, role) in KEYS.iter().zip(rules::KeyRole::ALL) {
            assert_eq!((spec.id, spec.capabilities), (role.id(), role.capabilities()));
        }
        assert_eq!((OPERATIONAL.id, OPERATIONAL.domains), (rules::OPERATIONAL_AUTH_KEY, rules::KEY_DOMAINS));
        assert_eq!(OPERATIONAL.capabilities & !rules::OPERATIONAL_CAPABILITIES, 0);
        assert_eq!((STATEMENT.id, STATEMENT.domains), (rules::STATEMENT_AUTH_KEY, rules::STATEMENT_DOMAINS));
        assert_eq!(STATEMENT.capabilities & !rules::STATEMENT_CAPABILITIES, 0);
        assert!(LOGINS.iter().all(|l| l.capabilities & rules::CHANGE_AUTHENTICATION_KEY != 0));
        assert_eq!((WRAP_KEY, KEY_DOMAIN), (rules::WRAP_KEY, rules::KEY_DOMAINS));
        assert_eq!(STATEMENT_KEY, rules::STATEMENT_KEY);
    }
}
