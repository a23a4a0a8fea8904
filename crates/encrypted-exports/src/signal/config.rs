//! `config.json`: the key of the database, plain in old versions, and in newer ones under a
//! password that the computer's keyring has (Electron's safeStorage,
//! <https://www.electronjs.org/docs/latest/api/safe-storage>, with Chromium's OSCrypt).

use aes::Aes128;
use aes::cipher::{BlockDecryptMut, KeyIvInit, block_padding::Pkcs7};
use serde_json::Value;
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::OpenError;

/// Longest `config.json`: it has some 500 bytes; a hundred times that.
pub const MAX_CONFIG: usize = 64 << 10;

/// Digits of a key of 32 bytes.
const DIGITS: usize = 64;

/// What OSCrypt uses where the computer has no keyring.
const WITHOUT_KEYRING: &str = "peanuts";
const SALT: &[u8] = b"saltysalt";
const IV: [u8; 16] = [b' '; 16];
/// Bytes of a cipher block of AES.
const BLOCK: usize = 16;
/// On Linux, and on macOS.
const ROUNDS: [u32; 2] = [1, 1003];

/// The key of the database, as 64 hexadecimal digits. Has no `Debug`.
pub struct DatabaseKey(Zeroizing<String>);

impl DatabaseKey {
    /// For SQLCipher's raw key.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The key that `config.json` holds. `typed` is what the keyring has, or the key itself, where the
/// file alone is not enough.
///
/// # Errors
/// [`OpenError::InKeyring`] if something has to be typed, [`OpenError::WrongKey`] if it does not
/// open the key; [`OpenError::SealedByWindows`] if only the key itself would;
/// [`OpenError::Damaged`].
pub fn database_key(config: &[u8], typed: Option<&str>) -> Result<DatabaseKey, OpenError> {
    let config: Value = match config.len() {
        0..=MAX_CONFIG => serde_json::from_slice(config)
            .map_err(|_| OpenError::Damaged("config.json is no JSON"))?,
        _ => return Err(OpenError::TooLarge { what: "config.json", limit: MAX_CONFIG as u64 }),
    };
    if let Some(key) = text(&config, "key").and_then(digits) {
        return Ok(key);
    }
    let sealed =
        text(&config, "encryptedKey").ok_or(OpenError::Damaged("config.json has no key"))?;
    let sealed =
        hex::decode(sealed).map_err(|_| OpenError::Damaged("the key in config.json is cut off"))?;
    if let Some(key) = typed.map(str::trim).and_then(digits) {
        return Ok(key);
    }
    if is_of_windows(&sealed) {
        return Err(OpenError::SealedByWindows);
    }
    let given = typed.map(str::trim).filter(|typed| !typed.is_empty());
    let key = [given, Some(WITHOUT_KEYRING)]
        .into_iter()
        .flatten()
        .find_map(|password| opened(&sealed, password));
    let backend = || text(&config, "safeStorageBackend").unwrap_or("the system's").to_owned();
    key.ok_or_else(|| {
        if given.is_some() { OpenError::WrongKey } else { OpenError::InKeyring(backend()) }
    })
}

fn opened(sealed: &[u8], password: &str) -> Option<DatabaseKey> {
    let body = sealed.strip_prefix(b"v10").or_else(|| sealed.strip_prefix(b"v11"))?;
    ROUNDS.iter().find_map(|rounds| {
        let mut key = Zeroizing::new([0; 16]);
        pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), SALT, *rounds, &mut *key);
        let mut plain = Zeroizing::new(body.to_vec());
        let cipher = cbc::Decryptor::<Aes128>::new((&*key).into(), &IV.into());
        let plain = cipher.decrypt_padded_mut::<Pkcs7>(&mut plain).ok()?;
        digits(std::str::from_utf8(plain).ok()?)
    })
}

/// Windows seals with AES-GCM, under a key that its account has (OSCrypt, `os_crypt_win.cc`):
/// `v10`, 12 bytes of nonce, the 64 digits, 16 bytes of tag. Elsewhere it is whole blocks of CBC.
fn is_of_windows(sealed: &[u8]) -> bool {
    sealed
        .strip_prefix(b"v10")
        .is_some_and(|body| body.len() == 12 + DIGITS + 16 && body.len() % BLOCK != 0)
}

fn digits(key: &str) -> Option<DatabaseKey> {
    let is_key = key.len() == DIGITS && key.bytes().all(|b| b.is_ascii_hexdigit());
    is_key.then(|| DatabaseKey(Zeroizing::new(key.to_ascii_lowercase())))
}

fn text<'a>(config: &'a Value, key: &str) -> Option<&'a str> {
    config.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::BlockEncryptMut;

    const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn config(password: &str, rounds: u32) -> Vec<u8> {
        let mut key = [0; 16];
        pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), SALT, rounds, &mut key);
        let cipher = cbc::Encryptor::<Aes128>::new(&key.into(), &IV.into());
        let sealed = cipher.encrypt_padded_vec_mut::<Pkcs7>(KEY.as_bytes());
        let sealed = hex::encode([b"v11".as_slice(), &sealed].concat());
        format!(r#"{{"encryptedKey":"{sealed}","safeStorageBackend":"gnome_libsecret"}}"#)
            .into_bytes()
    }

    fn found(config: &[u8], typed: Option<&str>) -> Result<String, String> {
        database_key(config, typed).map(|key| key.expose().to_owned()).map_err(|e| e.to_string())
    }

    #[test]
    fn an_old_version_has_the_key_in_the_open() {
        let config = format!(r#"{{"key":"{KEY}"}}"#);
        assert_eq!(found(config.as_bytes(), None), Ok(KEY.into()));
    }

    #[test]
    fn a_newer_version_needs_what_the_keyring_has() {
        for rounds in ROUNDS {
            let config = config("of the keyring", rounds);
            assert_eq!(found(&config, Some(" of the keyring\n")), Ok(KEY.into()));
            assert!(found(&config, None).is_err_and(|e| e.contains("gnome_libsecret")));
            assert!(found(&config, Some("another")).is_err_and(|e| e.contains("does not open")));
            assert_eq!(found(&config, Some(KEY)), Ok(KEY.into()), "the key itself");
        }
        assert_eq!(
            found(&config("peanuts", 1), None),
            Ok(KEY.into()),
            "no keyring on that computer"
        );
    }

    #[test]
    fn a_key_that_windows_sealed_is_named() {
        let sealed = hex::encode([b"v10".as_slice(), &[7; 12 + 64 + 16]].concat());
        let config = format!(r#"{{"encryptedKey":"{sealed}"}}"#);
        for typed in [None, Some("a password")] {
            assert!(found(config.as_bytes(), typed).is_err_and(|e| e.contains("Windows")));
        }
        assert_eq!(found(config.as_bytes(), Some(KEY)), Ok(KEY.into()), "the key itself");
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for config in [&b""[..], b"{}", b"[1]", br#"{"key":"short"}"#, br#"{"encryptedKey":"zz"}"#]
        {
            assert!(found(config, Some("x")).is_err());
        }
    }
}
