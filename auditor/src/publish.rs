use crate::{AuditError, Auditor, Signed, storage};
use ed25519_dalek::Signature;
use fleet_evidence::log::LogEntry;
use vault_protocol::{SignedBundle, operator_message};

impl Auditor {
    /// Checks the operator's counter-signature, logs the bundle, attaches the proof and publishes it with its evidence.
    /// Asking again gives the same document.
    ///
    /// # Errors
    /// Not the bundle that was signed, or the counter-signature does not fit.
    pub fn publish(&self, mut signed: SignedBundle) -> Result<SignedBundle, AuditError> {
        let epoch = signed.bundle.epoch;
        let decision = self.decision(epoch)?.ok_or(AuditError::Signature("the auditor did not sign this epoch"))?;
        check_is_ours(&signed, &decision)?;
        let counter = Signature::from_bytes(&signed.operator.signature.0);
        let message = operator_message(&signed.auditor.signature);
        if self.operator_key()?.verify_strict(&message, &counter).is_err() {
            return Err(AuditError::Signature("the operator's counter-signature does not fit the auditor's signature"));
        }
        if let Some(published) = self.published(&epoch.to_string())? {
            return Ok(published);
        }
        let index = match self.entry_of(&decision.bundle)? {
            Some(index) => index,
            None => self.append(&LogEntry::new(&signed.bundle, decision.timestamp, decision.signature))?,
        };
        signed.log_proof = self.prove(index)?.encode();
        self.write_out(&signed)?;
        Ok(signed)
    }

    fn write_out(&self, signed: &SignedBundle) -> Result<(), AuditError> {
        let epoch = signed.bundle.epoch.to_string();
        let bytes = serde_json::to_vec(signed).map_err(|e| AuditError::Inconsistent(e.to_string()))?;
        let evidence = self.public("evidence").join(&epoch);
        copy_tree(&self.state("evidence").join(&epoch), &evidence)?;
        storage::write(&evidence.join(fleet_evidence::folder::BUNDLE), &bytes, storage::PUBLIC)?;
        storage::write(&self.public("bundles").join(&epoch), &bytes, storage::PUBLIC)?;
        storage::write(&self.public("bundles").join("latest"), &bytes, storage::PUBLIC)
    }
}

fn check_is_ours(signed: &SignedBundle, decision: &Signed) -> Result<(), AuditError> {
    let same = signed.bundle.id() == decision.bundle
        && signed.auditor.timestamp == decision.timestamp
        && signed.auditor.signature == decision.signature;
    if same { Ok(()) } else { Err(AuditError::Signature("this is not the bundle that the auditor signed")) }
}

fn copy_tree(from: &std::path::Path, to: &std::path::Path) -> Result<(), AuditError> {
    for entry in std::fs::read_dir(from).map_err(storage::at(from))? {
        let entry = entry.map_err(storage::at(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_tree(&source, &target)?;
        } else {
            let bytes = storage::read(&source)?.unwrap_or_default();
            storage::write(&target, &bytes, storage::PUBLIC)?;
        }
    }
    Ok(())
}
