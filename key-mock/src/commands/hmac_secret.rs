//! The hmac-secret extension (CTAP 2.1, 12.5): a secret of the credential, applied to the
//! platform's salts.

use crate::credential::CredRandom;
use crate::pin_protocol::SharedSecret;
use crate::status::Status;
use ciborium::Value;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

pub(super) const NAME: &str = "hmac-secret";

const SALT: usize = 32;

/// One salt or two, and the secret that the outputs are sealed with.
pub(crate) struct Salts {
    shared: SharedSecret,
    salts: Zeroizing<Vec<u8>>,
}

impl Salts {
    /// Opens what the platform sealed. Errors: `InvalidParameter`.
    pub(super) fn open(shared: SharedSecret, sealed: &[u8]) -> Result<Self, Status> {
        let salts = shared.decrypt(sealed).ok_or(Status::InvalidParameter)?;
        let known = salts.len() == SALT || salts.len() == 2 * SALT;
        if known { Ok(Self { shared, salts }) } else { Err(Status::InvalidParameter) }
    }

    pub(crate) fn apply(&self, secrets: &CredRandom, verified: bool) -> Value {
        let secret = if verified { &secrets.with_uv } else { &secrets.without_uv };
        let outputs = self.salts.chunks(SALT).flat_map(|salt| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose())
                .expect("HMAC takes keys of any length");
            mac.update(salt);
            mac.finalize().into_bytes()
        });
        Value::Bytes(self.shared.encrypt(&Zeroizing::new(outputs.collect::<Vec<u8>>())))
    }
}
