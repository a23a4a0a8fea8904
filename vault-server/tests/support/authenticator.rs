//! A passkey in software, by WebAuthn level 3 alone, which can also lie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use rand_core::{OsRng, RngCore};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const PRESENT: u8 = 0x01;
pub(crate) const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

pub(crate) struct Authenticator {
    pub credential: Vec<u8>,
    key: SigningKey,
    pub counter: u32,
}

/// What a passkey says, to be bent before it is signed and sent.
pub(crate) struct Says {
    pub kind: &'static str,
    pub challenge: [u8; 32],
    pub origin: String,
    pub rp_id: String,
    pub flags: u8,
    pub counter: u32,
    /// The passkey attests itself (WebAuthn 8.2, "self attestation").
    pub self_attested: bool,
    pub algorithm: i8,
    pub extension_results: Value,
    /// The signature is of something else.
    pub bent_signature: bool,
}

impl Says {
    fn honest(kind: &'static str, challenge: [u8; 32], counter: u32) -> Self {
        Self {
            kind,
            challenge,
            origin: "https://keepsake.invalid".into(),
            rp_id: "keepsake.invalid".into(),
            flags: PRESENT | VERIFIED,
            counter,
            self_attested: false,
            algorithm: -7,
            extension_results: json!({}),
            bent_signature: false,
        }
    }

    fn client_data(&self) -> Vec<u8> {
        let challenge = URL_SAFE_NO_PAD.encode(self.challenge);
        json!({"type": self.kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, more_flags: u8) -> Vec<u8> {
        let rp = Sha256::digest(&self.rp_id);
        [&rp[..], &[self.flags | more_flags], &self.counter.to_be_bytes()].concat()
    }
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        let mut credential = vec![0; 32];
        OsRng.fill_bytes(&mut credential);
        Self { credential, key: SigningKey::random(&mut OsRng), counter: 0 }
    }

    /// RegistrationResponseJSON.
    pub(crate) fn register(&mut self, challenge: [u8; 32]) -> Vec<u8> {
        self.register_with(challenge, |_| ())
    }

    pub(crate) fn register_with(
        &mut self,
        challenge: [u8; 32],
        bend: impl FnOnce(&mut Says),
    ) -> Vec<u8> {
        let mut says = Says::honest("webauthn.create", challenge, self.counter);
        bend(&mut says);
        let id_len = u16::try_from(self.credential.len()).unwrap().to_be_bytes();
        let data = [
            &says.authenticator_data(ATTESTED)[..],
            &[0; 16],
            &id_len,
            &self.credential,
            &self.cose_key(says.algorithm),
        ]
        .concat();
        let client_data = says.client_data();
        let head = match says.self_attested {
            false => b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".to_vec(),
            true => {
                let signature: DerSignature =
                    self.key.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
                let len = u8::try_from(signature.as_bytes().len()).unwrap();
                let statement =
                    [b"\xa2\x63alg\x26\x63sig\x58".as_slice(), &[len], signature.as_bytes()]
                        .concat();
                [b"\xa3\x63fmt\x66packed\x67attStmt".as_slice(), &statement, b"\x68authData"]
                    .concat()
            }
        };
        let len = u16::try_from(data.len()).unwrap().to_be_bytes();
        let object = [&head[..], &[0x59], &len, &data].concat();
        let response =
            json!({"clientDataJSON": encode(&client_data), "attestationObject": encode(&object)});
        self.reply(response, &says)
    }

    /// AuthenticationResponseJSON.
    pub(crate) fn assert(&mut self, challenge: [u8; 32]) -> Vec<u8> {
        self.assert_with(challenge, |_| ())
    }

    pub(crate) fn assert_with(
        &mut self,
        challenge: [u8; 32],
        bend: impl FnOnce(&mut Says),
    ) -> Vec<u8> {
        self.counter += 1;
        let mut says = Says::honest("webauthn.get", challenge, self.counter);
        bend(&mut says);
        let (data, client_data) = (says.authenticator_data(0), says.client_data());
        let mut signed = [&data[..], &Sha256::digest(&client_data)].concat();
        signed[0] ^= u8::from(says.bent_signature);
        let signature: DerSignature = self.key.sign(&signed);
        let response = json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(signature.as_bytes()),
        });
        self.reply(response, &says)
    }

    fn reply(&self, response: Value, says: &Says) -> Vec<u8> {
        let id = encode(&self.credential);
        json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": response, "clientExtensionResults": says.extension_results,
        })
        .to_string()
        .into_bytes()
    }

    /// EC2, P-256 (RFC 9053, 7.1).
    fn cose_key(&self, algorithm: i8) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let negative = |n: i8| 0x20 | (-1 - n) as u8;
        let head = [0xa5, 0x01, 0x02, 0x03, negative(algorithm), negative(-1), 0x01];
        let coordinate = |label, bytes: &[u8]| [&[negative(label), 0x58, 32], bytes].concat();
        [&head[..], &coordinate(-2, point.x().unwrap()), &coordinate(-3, point.y().unwrap())]
            .concat()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
