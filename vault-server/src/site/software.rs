//! A device in memory, for tests and simulations: its keys protect nothing.

use super::ports::{Device, DeviceFault, Draw, Randomness};
use async_trait::async_trait;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use recovery_crypto::sealing::{open_box, open_passkey_box};
use recovery_crypto::session::{Prologue, Session, respond};
use recovery_crypto::{DeviceKey, SoftwareKey, oprf};
use std::sync::Arc;
use vault_protocol::{BoxContents, PasskeyShare, Point, SealedBox, Signature64};

/// All keys of one device.
pub struct SoftwareDevice {
    serial: u32,
    oprf: SoftwareKey,
    seal: SoftwareKey,
    session: Arc<dyn DeviceKey>,
    receipt: SigningKey,
    randomness: Arc<dyn Randomness>,
}

impl SoftwareDevice {
    /// With fresh keys.
    pub fn generate(serial: u32, randomness: Arc<dyn Randomness>) -> Self {
        let rng = &mut Draw(&*randomness);
        Self {
            serial,
            oprf: SoftwareKey::generate(rng),
            seal: SoftwareKey::generate(rng),
            session: Arc::new(SoftwareKey::generate(rng)),
            receipt: SigningKey::random(rng),
            randomness,
        }
    }

    /// Its public halves, as a bundle names them.
    pub fn in_bundle(&self) -> vault_protocol::Device {
        let receipt = self.receipt.verifying_key().to_encoded_point(false);
        vault_protocol::Device {
            serial: self.serial,
            oprf_key: self.oprf.public(),
            seal_key: self.seal.public(),
            session_key: self.session.public(),
            receipt_key: Point::from_slice(receipt.as_bytes())
                .expect("an uncompressed P-256 point is 65 bytes"),
        }
    }
}

#[async_trait]
impl Device for SoftwareDevice {
    async fn open_session(
        &self,
        prologue: Prologue,
        message: Vec<u8>,
    ) -> Result<(Session, Vec<u8>), DeviceFault> {
        let rng = &mut Draw(&*self.randomness);
        Ok(respond(&prologue, &self.session, &message, rng)?)
    }

    async fn open_box(&self, sealed: SealedBox, info: Vec<u8>) -> Result<BoxContents, DeviceFault> {
        Ok(open_box(&sealed, &info, &self.seal)?)
    }

    async fn open_passkey_box(
        &self,
        sealed: SealedBox,
        info: Vec<u8>,
    ) -> Result<PasskeyShare, DeviceFault> {
        Ok(open_passkey_box(&sealed, &info, &self.seal)?)
    }

    async fn evaluate(&self, alpha: Point) -> Result<Point, DeviceFault> {
        Ok(oprf::evaluate(&self.oprf, &alpha)?)
    }

    async fn sign(&self, message: Vec<u8>) -> Result<Signature64, DeviceFault> {
        let signature: Signature = self.receipt.sign(&message);
        Ok(Signature64(signature.to_bytes().into()))
    }
}
