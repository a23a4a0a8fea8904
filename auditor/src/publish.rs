//! `publish`: a countersigned bundle and its evidence become public.

use crate::evidence_folder::read_own_evidence_folder;
use crate::page::{self, Examined};
use crate::{AuditError, Auditor, Signed, storage};
use durable_files::Readers;
use ed25519_dalek::Signature;
use fleet_evidence::folder::{BUNDLE, EvidenceFolder};
use fleet_evidence::log::LogEntry;
use fleet_evidence::{BundleDocuments, verify_bundle, verify_evidence};
use vault_protocol::{SignedBundle, operator_message};

impl Auditor {
    /// Checks the operator's counter-signature, logs the bundle, attaches the proof and publishes
    /// it with its evidence. Asking again gives the same document.
    ///
    /// # Errors
    /// Not the bundle that was signed, or the counter-signature does not fit.
    pub fn publish(&self, mut signed: SignedBundle) -> Result<SignedBundle, AuditError> {
        let epoch = signed.bundle.epoch;
        let decision = self
            .decision(epoch)?
            .ok_or(AuditError::Signature("the auditor did not sign this epoch"))?;
        check_is_ours(&signed, &decision)?;
        let counter = Signature::from_bytes(&signed.operator.signature.0);
        let message = operator_message(&signed.auditor.signature);
        if self.operator_key()?.verify_strict(&message, &counter).is_err() {
            return Err(AuditError::Signature(
                "the operator's counter-signature does not fit the auditor's signature",
            ));
        }
        if let Some(published) = self.published(&epoch.to_string())? {
            self.write_out(&published)?;
            return Ok(published);
        }
        let index = match self.entry_of(&decision.bundle)? {
            Some(index) => index,
            None => {
                self.append(&LogEntry::new(&signed.bundle, decision.timestamp, decision.signature))?
            }
        };
        signed.log_proof = self.prove(index)?.encode();
        self.write_out(&signed)?;
        Ok(signed)
    }

    /// After a start: a publication that a crash interrupted is carried to its end, and missing
    /// pages are written.
    pub(crate) fn complete_publications(&self) -> Result<(), AuditError> {
        let mut newest = self.newest()?;
        if let Some(interrupted) = self.published(&(newest + 1).to_string())? {
            self.write_out(&interrupted)?;
            newest += 1;
        }
        for epoch in 1..=newest {
            let whole = self.public(&page::epoch_path(epoch)).exists()
                && self.public(&archive_path(epoch)).exists();
            if !whole && let Some(signed) = self.published(&epoch.to_string())? {
                self.write_epoch(&signed)?;
            }
        }
        if self.public(page::INDEX).exists() { Ok(()) } else { self.write_index() }
    }

    /// Publishes an epoch. What clients look at first, `bundles/latest`, comes when all that it
    /// leads to is there, and never goes back to an older epoch.
    fn write_out(&self, signed: &SignedBundle) -> Result<(), AuditError> {
        if self.newest()? >= signed.bundle.epoch {
            return Ok(());
        }
        self.write_epoch(signed)?;
        storage::write(&self.public("bundles").join("latest"), &json(signed)?, Readers::Everyone)?;
        self.write_index()
    }

    fn write_epoch(&self, signed: &SignedBundle) -> Result<(), AuditError> {
        let epoch = signed.bundle.epoch.to_string();
        let bytes = json(signed)?;
        let evidence = self.public("evidence").join(&epoch);
        let signed_for = read_own_evidence_folder(&self.state("evidence").join(&epoch))?;
        for (path, file) in signed_for.files() {
            storage::write(&evidence.join(path), file, Readers::Everyone)?;
        }
        storage::write(&evidence.join(BUNDLE), &bytes, Readers::Everyone)?;
        storage::write(&self.public("bundles").join(&epoch), &bytes, Readers::Everyone)?;
        self.write_views(signed)
    }

    /// What follows from the published files: the archive and the page of an epoch.
    fn write_views(&self, signed: &SignedBundle) -> Result<(), AuditError> {
        let epoch = signed.bundle.epoch;
        let folder = self.published_evidence(epoch)?;
        let archive = folder.to_tar().map_err(|e| AuditError::Inconsistent(e.to_string()))?;
        storage::write(&self.public(&archive_path(epoch)), &archive, Readers::Everyone)?;
        let page = page::epoch(&self.examined(signed, &folder)?);
        storage::write(&self.public(&page::epoch_path(epoch)), page.as_bytes(), Readers::Everyone)
    }

    fn write_index(&self) -> Result<(), AuditError> {
        let newest = match self.latest_signed()? {
            Some(signed) => {
                Some(self.examined(&signed, &self.published_evidence(signed.bundle.epoch)?)?)
            }
            None => None,
        };
        let mut epochs = Vec::new();
        for epoch in 1..=self.newest()? {
            epochs.extend(self.published(&epoch.to_string())?);
        }
        let page = page::index(&self.trust, &epochs, newest.as_ref());
        storage::write(&self.public(page::INDEX), page.as_bytes(), Readers::Everyone)
    }

    /// The auditor's own checks, as anyone can repeat them, at the time of its signature.
    fn examined(
        &self,
        signed: &SignedBundle,
        folder: &EvidenceFolder,
    ) -> Result<Examined, AuditError> {
        let document = json(signed)?;
        let mut history = Vec::new();
        for epoch in 1..signed.bundle.epoch {
            history.extend(storage::read(&self.public("bundles").join(epoch.to_string()))?);
        }
        let documents = BundleDocuments { signed: &document, history: &history, consistency: None };
        let at = signed.auditor.timestamp;
        let report = match verify_bundle(&documents, &self.trust, None, at) {
            Ok(verified) => match verify_evidence(&verified, &self.trust, folder, at) {
                Ok(evidence) => evidence.report().clone(),
                Err(refused) => *refused.0,
            },
            Err(refused) => *refused.0,
        };
        Ok(Examined::new(&self.trust, signed.clone(), report, folder))
    }

    fn published_evidence(&self, epoch: u64) -> Result<EvidenceFolder, AuditError> {
        read_own_evidence_folder(&self.public("evidence").join(epoch.to_string()))
    }

    /// The newest epoch that clients are shown; 0 before the first.
    fn newest(&self) -> Result<u64, AuditError> {
        Ok(self.latest()?.map_or(0, |bundle| bundle.epoch))
    }
}

/// The evidence of an epoch as one file, below `public/`.
fn archive_path(epoch: u64) -> String {
    format!("evidence/{epoch}.tar")
}

fn json(signed: &SignedBundle) -> Result<Vec<u8>, AuditError> {
    serde_json::to_vec(signed).map_err(|e| AuditError::Inconsistent(e.to_string()))
}

fn check_is_ours(signed: &SignedBundle, decision: &Signed) -> Result<(), AuditError> {
    let same = signed.bundle.id() == decision.bundle
        && signed.auditor.timestamp == decision.timestamp
        && signed.auditor.signature == decision.signature;
    if same {
        Ok(())
    } else {
        Err(AuditError::Signature("this is not the bundle that the auditor signed"))
    }
}
