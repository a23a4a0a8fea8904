//! `sign`: a bundle is signed once its evidence was examined.

use crate::{AuditError, Auditor, storage};
use durable_files::Readers;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use fleet_evidence::folder::{ANCHORS, Anchors, EvidenceFolder, Submission};
use fleet_evidence::{verify_candidate, verify_candidate_evidence};
use serde::{Deserialize, Serialize};
use vault_protocol::{Bundle, BundleId, Signature64, auditor_message};

/// The auditor's signature of one epoch's bundle; kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Of the bundle: each is signed once.
    pub epoch: u64,
    /// The digest that names the bundle.
    pub bundle: BundleId,
    /// Unix seconds.
    pub timestamp: u64,
    /// Ed25519; the operator signs these bytes.
    pub signature: Signature64,
}

impl Auditor {
    /// Examines a submission that came over the network: it must be signed by the operator.
    ///
    /// # Errors
    /// As [`Auditor::sign`], or the submission is not the operator's.
    pub fn submit(&self, submission: &Submission, now: u64) -> Result<Signed, AuditError> {
        let message = Submission::message(&submission.bundle);
        let signature = Signature::from_bytes(&submission.operator_signature.0);
        let genuine = self.operator_key()?.verify_strict(&message, &signature).is_ok();
        if !genuine {
            return Err(AuditError::Signature("the submission is not signed by the operator"));
        }
        let folder = submission.folder().map_err(|e| AuditError::Malformed(e.to_string()))?;
        self.sign(&submission.bundle, &folder, now)
    }

    /// Examines a bundle and its evidence and signs the next epoch. Asking again for the same
    /// bundle gives the same signature.
    ///
    /// # Errors
    /// Wrong namespace, epoch or predecessor, a repeated bundle, or evidence that does not verify.
    pub fn sign(
        &self,
        bundle: &Bundle,
        folder: &EvidenceFolder,
        now: u64,
    ) -> Result<Signed, AuditError> {
        if let Some(earlier) = self.decision(bundle.epoch)? {
            return repeat(earlier, bundle);
        }
        let previous = self.latest()?;
        let next = previous.as_ref().map_or(1, |b| b.epoch + 1);
        if bundle.epoch != next {
            return Err(AuditError::Epoch { asked: bundle.epoch, next });
        }
        if self.entry_of(&bundle.id())?.is_some() {
            return Err(AuditError::Repeated(bundle.id().to_string()));
        }
        verify_candidate(bundle, &self.trust, previous.as_ref(), now)
            .map_err(|(check, reason)| AuditError::Check { check, reason })?;
        verify_candidate_evidence(bundle, &self.trust, folder, now)
            .map_err(|refused| AuditError::Evidence(refused.0))?;
        let anchors: Anchors = folder.read(ANCHORS).map_err(AuditError::Malformed)?;
        self.use_anchors(&anchors.record.devices, bundle)?;
        self.decide(bundle, folder, now)
    }

    /// Makes the decision durable, then lets the signature out.
    fn decide(
        &self,
        bundle: &Bundle,
        folder: &EvidenceFolder,
        now: u64,
    ) -> Result<Signed, AuditError> {
        let message = auditor_message(self.trust.namespace(), bundle.epoch, now, &bundle.id());
        let signature = Signature64(self.keys.auditor.sign(&message).to_bytes());
        let signed = Signed { epoch: bundle.epoch, bundle: bundle.id(), timestamp: now, signature };
        let keep = self.state("evidence").join(bundle.epoch.to_string());
        for (path, bytes) in folder.files() {
            storage::write(&keep.join(path), bytes, Readers::Everyone)?;
        }
        let bytes = serde_json::to_vec_pretty(&signed)
            .map_err(|e| AuditError::Inconsistent(e.to_string()))?;
        storage::write(&self.decision_path(bundle.epoch), &bytes, Readers::Owner)?;
        Ok(signed)
    }

    pub(crate) fn decision(&self, epoch: u64) -> Result<Option<Signed>, AuditError> {
        let Some(bytes) = storage::read(&self.decision_path(epoch))? else { return Ok(None) };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| AuditError::Inconsistent(e.to_string()))
    }

    pub(crate) fn operator_key(&self) -> Result<VerifyingKey, AuditError> {
        let mut bytes = [0; 32];
        let bad = || AuditError::Inconsistent("trust.json: the operator's key is unusable".into());
        hex::decode_to_slice(&self.trust.document().operator_key, &mut bytes).map_err(|_| bad())?;
        VerifyingKey::from_bytes(&bytes).map_err(|_| bad())
    }

    fn decision_path(&self, epoch: u64) -> std::path::PathBuf {
        self.state("signed").join(format!("{epoch}.json"))
    }
}

fn repeat(earlier: Signed, bundle: &Bundle) -> Result<Signed, AuditError> {
    if earlier.bundle == bundle.id() {
        return Ok(earlier);
    }
    Err(AuditError::EpochTaken { epoch: bundle.epoch, signed: earlier.bundle.to_string() })
}
