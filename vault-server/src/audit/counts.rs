//! What a site publishes about its device's work, signed with the receipt key.

use crate::accounts::{AccountStore, SqliteStore, StoreError};
use crate::device::{HsmDevice, Work};
use crate::site::ports::DeviceFault;
use fleet_evidence::device_log::Head;
use serde::{Deserialize, Serialize};
use vault_protocol::{
    AUDIT_COUNTS_TYPE, AuditCounts, BundleId, Signature64, SiteIndex, audit_counts_message,
};

/// Counts and the site's signature over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedCounts {
    /// What was counted.
    pub counts: AuditCounts,
    /// Of the receipt key, over [`vault_protocol::audit_counts_message`].
    pub signature: Signature64,
}

/// What counts are about.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// Which site.
    pub site: SiteIndex,
    /// The newest bundle that it serves.
    pub bundle: BundleId,
    /// Serial number of its device.
    pub serial: u32,
}

impl PublishedCounts {
    /// Counts what is stored and signs it (one entry in the device's log).
    ///
    /// # Errors
    /// [`DeviceFault`]
    pub async fn make(
        subject: Subject,
        store: &SqliteStore,
        device: &HsmDevice,
        at: u64,
    ) -> Result<Self, DeviceFault> {
        let counted = device.quietly(count(subject, store, at)).await;
        let counts = counted.map_err(|error| DeviceFault::Away(error.to_string()))?;
        let message = audit_counts_message(&counts);
        let signature = device.run(Work::Signature, move |keys| keys.sign(&message)).await?;
        Ok(Self { counts, signature })
    }
}

/// Counts what is stored.
///
/// # Errors
/// The store's.
pub async fn count(
    subject: Subject,
    store: &SqliteStore,
    at: u64,
) -> Result<AuditCounts, StoreError> {
    // In this order: a try is in the chain before its evaluation is in the log.
    let log = store.log().await?;
    let totals = store.totals().await?;
    let head = log.last.map(|last| Head::of(&last));
    Ok(AuditCounts {
        kind: AUDIT_COUNTS_TYPE.into(),
        site: subject.site,
        bundle: subject.bundle,
        serial: subject.serial,
        log_number: head.map_or(0, |head| head.number),
        log_digest: head.map_or_else(String::new, |head| hex::encode(head.digest)),
        entries: log.entries,
        oprf_entries: log.oprf_entries,
        evaluated: totals.evaluated,
        evaluated_head: hex::encode(totals.evaluated_head),
        registration_evaluations: totals.registration_evaluations,
        repeats: totals.repeats,
        at,
    })
}
