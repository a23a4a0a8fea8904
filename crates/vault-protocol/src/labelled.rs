//! Everything that is signed, MACed or hashed has its own label, so that no message can stand in
//! for another.

use crate::ids::BundleId;
use crate::record::Signature64;

/// `"keepsake/" label "/v1" 00`, then each field as its u32 big-endian length and its bytes.
pub fn labelled(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("keepsake/{label}/v1\0").into_bytes();
    for field in fields {
        let len = u32::try_from(field.len()).expect("fields are bounded far below 4 GiB");
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

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
