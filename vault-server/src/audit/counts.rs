//! What a site publishes about its device's work, signed with the receipt key.

use crate::database::StoreError;
use crate::device::{Device, DeviceFault, Work};
use crate::local::Local;
use serde::Serialize;
use vault_protocol::{AuditCounts, BundleId, Signature64, SiteIndex, audit_counts_message};
use vault_state::Totals;

/// Counts and the site's signature over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublishedCounts {
    pub counts: AuditCounts,
    pub signature: Signature64,
}

/// What counts are about.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub site: SiteIndex,
    pub bundle: BundleId,
    pub serial: u32,
}

impl PublishedCounts {
    /// Counts what is kept and signs it (one entry in the device's log).
    pub async fn make(
        subject: Subject,
        local: &Local,
        totals: &Totals,
        device: &Device,
        at: u64,
    ) -> Result<Self, DeviceFault> {
        let counts = count(subject, local, totals, at).await?;
        let message = audit_counts_message(&counts);
        let signature = device.run(Work::Signature, move |keys| keys.sign(&message)).await?;
        Ok(Self { counts, signature })
    }
}

/// Counts what is kept.
pub async fn count(subject: Subject, local: &Local, totals: &Totals, at: u64) -> Result<AuditCounts, StoreError> {
    let counters = local.counters().await?;
    let head = local.log_head().await?;
    Ok(AuditCounts {
        kind: vault_protocol::AUDIT_COUNTS_TYPE.into(),
        site: subject.site,
        bundle: subject.bundle,
        serial: subject.serial,
        log_number: head.map_or(0, |h| h.number),
        log_digest: head.map_or_else(String::new, |h| hex::encode(h.digest)),
        entries: counters.entries,
        oprf_entries: counters.oprf_entries,
        tries: totals.tries,
        registration_evaluations: totals.registration_evaluations.get(&subject.site).copied().unwrap_or(0),
        repeats: counters.repeats,
        at,
    })
}
