//! CollectedClientData (WebAuthn 5.8.1): what a passkey signs beside its own data.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub(crate) enum Ceremony {
    Create,
    Get,
}

/// JSON bytes in the order that WebAuthn 5.8.1.1 prescribes.
pub(crate) fn client_data(ceremony: Ceremony, challenge: &[u8; 32], origin: &str) -> Vec<u8> {
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let origin = serde_json::Value::from(origin);
    format!(
        r#"{{"type":"{kind}","challenge":"{challenge}","origin":{origin},"crossOrigin":false}}"#
    )
    .into_bytes()
}

pub(crate) fn client_data_hash(client_data: &[u8]) -> [u8; 32] {
    Sha256::digest(client_data).into()
}

/// The salt that a WebAuthn client makes of a PRF input (WebAuthn level 3, 10.1.4).
pub(crate) fn prf_salt(input: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(b"WebAuthn PRF\0").chain_update(input).finalize().into()
}
