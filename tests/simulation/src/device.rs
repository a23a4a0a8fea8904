//! A site's device: keys in memory, as slow as one likes, or away.

use async_trait::async_trait;
use recovery_crypto::session::{Prologue, Session};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use vault_protocol::{BoxContents, PasskeyShare, Point, SealedBox, Signature64};
use vault_server::site::SoftwareDevice;
use vault_server::site::ports::{Device, DeviceFault, Randomness};

pub struct SimulatedDevice {
    keys: SoftwareDevice,
    /// Milliseconds that each operation takes.
    latency: AtomicU64,
    /// It answers nothing, ever.
    hung: AtomicBool,
}

impl SimulatedDevice {
    pub fn generate(serial: u32, randomness: Arc<dyn Randomness>) -> Self {
        let keys = SoftwareDevice::generate(serial, randomness);
        Self { keys, latency: AtomicU64::new(0), hung: AtomicBool::new(false) }
    }

    pub fn in_bundle(&self) -> vault_protocol::Device {
        self.keys.in_bundle()
    }

    pub fn set_latency(&self, millis: u64) {
        self.latency.store(millis, Ordering::Relaxed);
    }

    pub fn hang(&self, hung: bool) {
        self.hung.store(hung, Ordering::Relaxed);
    }

    async fn work(&self, operations: u64) {
        if self.hung.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let millis = self.latency.load(Ordering::Relaxed) * operations;
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

#[async_trait]
impl Device for SimulatedDevice {
    async fn open_session(
        &self,
        prologue: Prologue,
        message: Vec<u8>,
    ) -> Result<(Session, Vec<u8>), DeviceFault> {
        self.work(1).await;
        self.keys.open_session(prologue, message).await
    }

    async fn open_box(&self, sealed: SealedBox, info: Vec<u8>) -> Result<BoxContents, DeviceFault> {
        self.work(1).await;
        self.keys.open_box(sealed, info).await
    }

    async fn open_passkey_box(
        &self,
        sealed: SealedBox,
        info: Vec<u8>,
    ) -> Result<PasskeyShare, DeviceFault> {
        self.work(1).await;
        self.keys.open_passkey_box(sealed, info).await
    }

    async fn evaluate(&self, alpha: Point) -> Result<Point, DeviceFault> {
        self.work(2).await;
        self.keys.evaluate(alpha).await
    }

    async fn sign(&self, message: Vec<u8>) -> Result<Signature64, DeviceFault> {
        self.work(1).await;
        self.keys.sign(message).await
    }
}
