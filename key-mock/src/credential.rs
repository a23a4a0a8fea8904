//! A credential: a key pair of one relying party and user.

use crate::cbor;
use crate::secret::Secret;
use ciborium::Value;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};

pub(crate) const ID: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credential {
    #[serde(with = "crate::hex_bytes")]
    pub id: [u8; ID],
    pub rp_id: String,
    pub user: User,
    private: Secret<32>,
    /// Made with the hmac-secret extension.
    pub hmac_secret: Option<CredRandom>,
    /// Found without its id ("resident key").
    pub discoverable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    #[serde(with = "crate::hex_bytes")]
    pub id: Vec<u8>,
    pub name: Option<String>,
    pub display_name: Option<String>,
}

/// Two secrets, so that who has the key but not the PIN learns nothing of use (CTAP 2.1, 12.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredRandom {
    pub with_uv: Secret<32>,
    pub without_uv: Secret<32>,
}

impl Credential {
    pub(crate) fn generate(rp_id: &str, user: User, hmac_secret: bool, discoverable: bool) -> Self {
        let private = Secret::new(SigningKey::random(&mut OsRng).to_bytes().into());
        let cred_random = || CredRandom { with_uv: Secret::random(), without_uv: Secret::random() };
        Self {
            id: *Secret::random().expose(),
            rp_id: rp_id.to_owned(),
            user,
            private,
            hmac_secret: hmac_secret.then(cred_random),
            discoverable,
        }
    }

    /// PublicKeyCredentialDescriptor.
    pub(crate) fn descriptor(&self) -> Value {
        cbor::named([("id", Value::Bytes(self.id.to_vec())), ("type", "public-key".into())])
    }

    pub(crate) fn public_key(&self) -> Value {
        let key = p256::PublicKey::from(self.signing_key().verifying_key());
        crate::pin_protocol::cose_key(&key, ES256)
    }

    /// ECDSA with SHA-256, in DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.signing_key().sign(message);
        signature.to_der().as_bytes().to_vec()
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        SigningKey::from_slice(self.private.expose())
            .map(drop)
            .map_err(|_| "not a private key".to_owned())
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_slice(self.private.expose())
            .expect("generated, or checked when it was loaded")
    }
}

/// COSE algorithm, the only one here (RFC 9053).
pub(crate) const ES256: i64 = -7;
