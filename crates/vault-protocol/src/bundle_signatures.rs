//! What the two parties sign who answer for a bundle.

use crate::ids::BundleId;
use crate::labelled::labelled;
use crate::record::Signature64;

/// What the auditor signs (Ed25519).
pub fn auditor_message(namespace: &str, epoch: u64, timestamp: u64, bundle: &BundleId) -> Vec<u8> {
    let fields: [&[u8]; 4] =
        [namespace.as_bytes(), &epoch.to_be_bytes(), &timestamp.to_be_bytes(), &bundle.0];
    labelled("auditor-signature", &fields)
}

/// What the operator signs (Ed25519): the auditor's signature, not the bundle.
pub fn operator_message(auditor_signature: &Signature64) -> Vec<u8> {
    labelled("operator-countersignature", &[&auditor_signature.0])
}
