//! The authentication key that every device leaves the factory with.

use std::sync::LazyLock;

use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Label, Object, ObjectType, Origin};
use crate::algorithm;
use crate::capability::Capabilities;
use crate::secret::Secret;

/// Its id.
pub(crate) const FACTORY_AUTHENTICATION_KEY: u16 = 1;
/// Password, salt and iterations that it is derived with (`yubihsm.h`).
const PASSWORD: &[u8] = b"password";
const SALT: &[u8] = b"Yubico";
const ITERATIONS: u32 = 10_000;

/// Id 1, all capabilities, password "password".
pub(crate) fn factory_authentication_key() -> Object {
    static KEYS: LazyLock<Zeroizing<[u8; 32]>> = LazyLock::new(|| {
        let mut keys = Zeroizing::new([0; 32]);
        pbkdf2_hmac::<Sha256>(PASSWORD, SALT, ITERATIONS, &mut *keys);
        keys
    });
    Object {
        id: FACTORY_AUTHENTICATION_KEY,
        kind: ObjectType::AuthenticationKey,
        algorithm: algorithm::AES128_YUBICO_AUTHENTICATION,
        label: Label::from_text("DEFAULT AUTHKEY CHANGE THIS ASAP"),
        domains: 0xffff,
        capabilities: Capabilities::ALL,
        delegated: Capabilities::ALL,
        sequence: 0,
        origin: Origin::IMPORTED,
        secret: Secret::new(KEYS.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default keys published in `yubihsm.h`.
    #[test]
    fn the_factory_key_is_derived_from_password() {
        let key = factory_authentication_key();
        let expected = "090b47dbed595654901dee1cc655e420592fd483f759e29909a04c4505d2ce0a";
        assert_eq!(hex::encode(key.secret.expose()), expected);
    }
}
