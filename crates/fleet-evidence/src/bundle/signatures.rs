//! Checks B1 to B4: who signed, and whether the log has it.

use super::{Place, leaf};
use crate::check_id::CheckId;
use crate::log::LogProof;
use crate::report::Check;
use crate::trust::Trust;
use ed25519_dalek::{Signature, VerifyingKey};
use vault_protocol::{Signature64, SignedBundle, auditor_message, operator_message};

/// Checks B1, B2 and B3.
pub(super) fn check_roles(signed: &SignedBundle, trust: &Trust) -> Vec<Check> {
    vec![
        Check::from_result(CheckId::B1, auditor(signed, trust)),
        Check::from_result(CheckId::B2, operator(signed, trust)),
        Check::from_result(CheckId::B3, roles(trust)),
    ]
}

/// Check B4: the entry for this bundle and this auditor signature is in the log.
pub(super) fn check_logged(signed: &SignedBundle, trust: &Trust) -> Place {
    let proof = LogProof::parse(&signed.log_proof).map_err(|e| e.to_string())?;
    let checkpoint =
        proof.verify(&leaf(signed), &trust.document().log_key).map_err(|e| e.to_string())?;
    Ok((proof, checkpoint))
}

pub(super) fn auditor(signed: &SignedBundle, trust: &Trust) -> Result<String, String> {
    let key = trust.auditor_key()?;
    let bundle = &signed.bundle;
    if bundle.namespace != trust.namespace() {
        return Err(format!("namespace {:?} instead of {:?}", bundle.namespace, trust.namespace()));
    }
    let message =
        auditor_message(trust.namespace(), bundle.epoch, signed.auditor.timestamp, &bundle.id());
    verify(&key, &message, &signed.auditor.signature)
        .map_err(|()| "the Ed25519 signature does not verify".to_string())?;
    Ok(format!(
        "Ed25519 over namespace, epoch {}, time {} and bundle id",
        bundle.epoch, signed.auditor.timestamp
    ))
}

pub(super) fn operator(signed: &SignedBundle, trust: &Trust) -> Result<String, String> {
    let key = trust.operator_key()?;
    let message = operator_message(&signed.auditor.signature);
    verify(&key, &message, &signed.operator.signature)
        .map_err(|()| "the Ed25519 signature does not verify".to_string())?;
    Ok("Ed25519 over the auditor's signature".into())
}

fn roles(trust: &Trust) -> Result<String, String> {
    let auditor = trust.auditor_key().map_err(|why| format!("auditor: {why}"))?;
    let operator = trust.operator_key().map_err(|why| format!("operator: {why}"))?;
    if auditor == operator {
        return Err("one key has both roles".into());
    }
    Ok("two different Ed25519 keys, as pinned".into())
}

fn verify(key: &VerifyingKey, message: &[u8], signature: &Signature64) -> Result<(), ()> {
    key.verify_strict(message, &Signature::from_bytes(&signature.0)).map_err(|_| ())
}
