//! What a person's passkey says, as every site reads it: whole, and in parts inside an answer that
//! is otherwise as it should be.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use vault_server::webauthn::{has_extension_results, verifier};
use vault_state::Registered;

const CHALLENGE: [u8; 32] = [7; 32];
const CREDENTIAL: [u8; 4] = *b"fuzz";
/// COSE key of the generator of P-256: x and y.
const X: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
const Y: &str = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((part, bytes)) = bytes.split_first() else { return };
    let (registration, assertion) = match part % 6 {
        0 => (bytes.to_vec(), bytes.to_vec()),
        1 => (registration(&client_data("create"), bytes), honest_assertion()),
        2 => (registration(bytes, &object(&attested())), honest_assertion()),
        3 => (registration(&client_data("create"), &object(bytes)), honest_assertion()),
        4 => (honest_registration(), assertion(bytes, &authenticator_data(1, 5), b"signature")),
        _ => {
            let (data, signature) = bytes.split_at(bytes.len() / 2);
            (honest_registration(), assertion(&client_data("get"), data, signature))
        }
    };
    let _ = has_extension_results(&assertion);
    let _ = verifier().credential(&assertion);
    let _ = verifier().registration(&CHALLENGE, &CREDENTIAL, &registration);
    let registered = Registered {
        challenge: CHALLENGE,
        credential: &CREDENTIAL,
        registration: &registration,
        counter: 0,
    };
    // Nobody can sign here: whatever verifies was forged.
    assert_eq!(verifier().assertion(&registered, &CHALLENGE, &assertion), None);
});

fn honest_registration() -> Vec<u8> {
    let honest = registration(&client_data("create"), &object(&attested()));
    assert_eq!(
        verifier().registration(&CHALLENGE, &CREDENTIAL, &honest),
        Some(5),
        "the frame is as it should be"
    );
    honest
}

fn honest_assertion() -> Vec<u8> {
    assertion(&client_data("get"), &authenticator_data(1, 5), b"signature")
}

fn registration(client_data: &[u8], object: &[u8]) -> Vec<u8> {
    reply(
        serde_json::json!({"clientDataJSON": encode(client_data), "attestationObject": encode(object)}),
    )
}

fn assertion(client_data: &[u8], data: &[u8], signature: &[u8]) -> Vec<u8> {
    reply(serde_json::json!({
        "clientDataJSON": encode(client_data),
        "authenticatorData": encode(data),
        "signature": encode(signature),
    }))
}

fn reply(response: serde_json::Value) -> Vec<u8> {
    let id = encode(&CREDENTIAL);
    let reply = serde_json::json!({
        "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {},
    });
    reply.to_string().into_bytes()
}

fn client_data(kind: &str) -> Vec<u8> {
    let challenge = encode(&CHALLENGE);
    format!(r#"{{"type":"webauthn.{kind}","challenge":"{challenge}","origin":"https://keepsake.invalid"}}"#)
        .into_bytes()
}

/// Attestation `none`.
fn object(data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".as_slice(), &len, data].concat()
}

fn attested() -> Vec<u8> {
    let hex = |text: &str| {
        (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex")).collect()
    };
    let (x, y): (Vec<u8>, Vec<u8>) = (hex(X), hex(Y));
    let key =
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), &x, b"\x22\x58\x20", &y].concat();
    [&authenticator_data(0x40, 5)[..], &[0; 16], &[0, 4], &CREDENTIAL, &key].concat()
}

fn authenticator_data(more_flags: u8, counter: u32) -> Vec<u8> {
    [&Sha256::digest("keepsake.invalid")[..], &[0x05 | more_flags], &counter.to_be_bytes()].concat()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
