//! HKDF-SHA256 (RFC 5869), HMAC-SHA256 (RFC 2104) and SHA-256, always over a labelled message.

use crate::secret::Secret;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use vault_protocol::labelled;

/// HKDF-SHA256 with `info = labelled(label, fields)`. `salt` may be empty.
pub(crate) fn derive<const N: usize>(
    key: &[u8],
    salt: &[u8],
    label: &str,
    fields: &[&[u8]],
) -> Secret<N> {
    let mut out = Secret::new([0; N]);
    Hkdf::<Sha256>::new(Some(salt), key)
        .expand(&labelled(label, fields), out.expose_mut())
        .expect("HKDF-SHA256 gives up to 8,160 bytes and at most 64 are asked for");
    out
}

/// HMAC-SHA256 over `labelled(label, fields)`.
pub(crate) fn mac(key: &Secret<32>, label: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
    mac.update(&labelled(label, fields));
    mac.finalize().into_bytes().into()
}

/// SHA-256 of public bytes.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
