//! Keys of the passkey way in. The normative text is `spec/passkey-release.md`.

use crate::error::CodeError;
use crate::kdf::derive;
use crate::labels;
use crate::local::LocalKey;
use crate::secret::{Secret, SecretText};
use crate::stretch::Argon2Params;
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// Unlock key = HKDF-SHA256(released secret (32) || PRF output (32), info =
/// labelled("passkey-unlock-key", fields)).
///
/// Neither half gives the key without the other; `fields` name whose key it is.
pub fn passkey_unlock_key(released: &[u8; 32], prf: &Secret<32>, fields: &[&[u8]]) -> Secret<32> {
    let mut both = Zeroizing::new([0; 64]);
    both[..32].copy_from_slice(released);
    both[32..].copy_from_slice(prf.expose());
    derive(both.as_ref(), &[], labels::PASSKEY_UNLOCK_KEY, fields)
}

/// What guards a software passkey: HKDF-SHA256(salt = this computer's key, Argon2id(PIN, salt,
/// params)), so that neither the file with the keyring nor the PIN alone opens it. `pin` is
/// expected in Unicode NFC.
///
/// Errors: [`CodeError::Parameters`].
pub fn passkey_pin_key(
    local: &LocalKey,
    pin: &SecretText,
    salt: &[u8; 32],
    params: Argon2Params,
) -> Result<Secret<32>, CodeError> {
    params.check()?;
    let cost = Params::new(params.m_kib, params.t, params.p, Some(32))
        .map_err(|_| CodeError::Parameters)?;
    let mut stretched = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
        .hash_password_into(pin.expose().as_bytes(), salt, stretched.as_mut())
        .map_err(|_| CodeError::Parameters)?;
    Ok(derive(stretched.as_ref(), local.secret().expose(), labels::PASSKEY_PIN_KEY, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Argon2Params = Argon2Params { m_kib: 8 * 1024, t: 1, p: 1 };

    #[test]
    fn a_pin_key_needs_the_computer_the_pin_and_the_salt() {
        let local = |byte| LocalKey::from_secret(Secret::new([byte; 32]));
        let pin = |text: &str| SecretText::new(text.into());
        let key = |l, p, s: u8| passkey_pin_key(&local(l), &pin(p), &[s; 32], CHEAP).unwrap();
        assert_eq!(key(1, "271828", 1), key(1, "271828", 1));
        for other in [key(2, "271828", 1), key(1, "271829", 1), key(1, "271828", 2)] {
            assert_ne!(key(1, "271828", 1), other);
        }
        let hostile = Argon2Params { m_kib: u32::MAX, ..CHEAP };
        assert_eq!(
            passkey_pin_key(&local(1), &pin("271828"), &[1; 32], hostile),
            Err(CodeError::Parameters)
        );
    }
}
