//! The JSON that goes to the fleet. The only place where it is made, and it never has extension
//! results.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// RegistrationResponseJSON (WebAuthn level 3, 5.1).
pub(crate) fn registration(
    credential_id: &[u8],
    client_data: &[u8],
    attestation_object: &[u8],
) -> Value {
    let id = URL_SAFE_NO_PAD.encode(credential_id);
    json!({
        "id": id,
        "rawId": id,
        "type": "public-key",
        "response": {
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "attestationObject": URL_SAFE_NO_PAD.encode(attestation_object),
        },
        "clientExtensionResults": {},
    })
}

/// AuthenticationResponseJSON (WebAuthn level 3, 5.1).
pub(crate) fn assertion(
    credential_id: &[u8],
    client_data: &[u8],
    authenticator_data: &[u8],
    signature: &[u8],
) -> Value {
    let id = URL_SAFE_NO_PAD.encode(credential_id);
    json!({
        "id": id,
        "rawId": id,
        "type": "public-key",
        "response": {
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "authenticatorData": URL_SAFE_NO_PAD.encode(authenticator_data),
            "signature": URL_SAFE_NO_PAD.encode(signature),
        },
        "clientExtensionResults": {},
    })
}
