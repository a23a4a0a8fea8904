//! What a site answers to a verifier's own nonce.

use super::{Ledger, Statements, Subject, count};
use crate::accounts::SqliteStore;
use crate::device::{HsmDevice, Work};
use crate::site::ports::{self, Clock, DeviceFault};
use async_trait::async_trait;
use fleet_evidence::folder::{Purpose, statement_label};
use std::sync::{Arc, PoisonError, RwLock};
use vault_protocol::{BundleId, LiveProof, Refusal, live_counts_message};

/// The device's word and the site's counts, together.
pub struct Prover {
    /// The copy of the device's log.
    pub ledger: Arc<Ledger>,
    /// None if this site was not given the login for statements.
    pub statements: Option<Statements>,
    /// Signs.
    pub device: HsmDevice,
    /// Has the counts.
    pub store: SqliteStore,
    /// The site's own.
    pub clock: Arc<dyn Clock>,
    subject: RwLock<Subject>,
}

impl Prover {
    /// Of what it says, with what it says it.
    pub fn new(
        subject: Subject,
        ledger: Arc<Ledger>,
        statements: Option<Statements>,
        device: HsmDevice,
        store: SqliteStore,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let subject = RwLock::new(subject);
        Self { ledger, statements, device, store, clock, subject }
    }

    /// What its counts are about now.
    pub fn subject(&self) -> Subject {
        *self.subject.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts are about the newest bundle that is served.
    pub fn set_bundle(&self, bundle: BundleId) {
        self.subject.write().unwrap_or_else(PoisonError::into_inner).bundle = bundle;
    }
}

#[async_trait]
impl ports::Ledger for Prover {
    fn broken(&self) -> Option<String> {
        self.ledger.broken()
    }

    async fn prove(&self, nonce: [u8; 32]) -> Result<LiveProof, Refusal> {
        let none = || unavailable("this site was not given the login for device statements");
        let statements = self.statements.as_ref().ok_or_else(none)?;
        // Everything so far is read, checked and stored before the device vouches for where its log
        // stands.
        self.ledger.drain().await.map_err(refused)?;
        let head = self.ledger.head().await.map_err(refused)?;
        let head = head.ok_or_else(|| unavailable("nothing is known of the device's log"))?;
        let subject = self.subject();
        let label = statement_label(Purpose::Live, &nonce, &head, &subject.bundle);
        let certificate = statements.make(label, &self.ledger).await.map_err(refused)?;
        let counting = count(subject, &self.store, self.clock.now());
        let counts = self.device.quietly(counting).await;
        let counts = counts.map_err(|error| unavailable(&error.to_string()))?;
        let message = live_counts_message(&nonce, &counts);
        let signing = self.device.run(Work::Signature, move |keys| keys.sign(&message));
        let signature = signing.await.map_err(refused)?;
        Ok(LiveProof {
            head_number: head.number,
            head_digest: head.digest,
            certificate,
            device_chain: statements.chain().to_string(),
            counts,
            signature,
        })
    }
}

fn refused(fault: DeviceFault) -> Refusal {
    tracing::warn!(%fault, "the device did not vouch for a nonce");
    unavailable(&fault.to_string())
}

fn unavailable(reason: &str) -> Refusal {
    Refusal::Unavailable { reason: reason.into() }
}
