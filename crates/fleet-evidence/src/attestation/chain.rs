//! From an attestation to a pinned root.

use super::certificate::Certificate;
use super::fields::AttestationFields;
use super::{YUBICO_ROOT_SHA256, signature};
use std::collections::BTreeMap;

/// Authorities between an attestation and its root: device, intermediates. Yubico's chains have
/// two.
const MAX_DEPTH: u8 = 5;

/// An attestation whose chain was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// What the device says about the key.
    pub fields: AttestationFields,
    /// Uncompressed point of P-256.
    pub public_key: [u8; 65],
    /// Ends at Yubico's own root.
    pub yubico: bool,
}

/// Verifies that `attestation` was signed by the factory key of a device whose certificate leads to
/// one of `roots`.
///
/// # Errors
/// The first broken link, or fields that are missing or differ between device and attestation.
pub fn verify_attestation(
    attestation: &Certificate,
    chain: &[Certificate],
    roots: &[Certificate],
    now: u64,
) -> Result<Attested, String> {
    attestation.check_valid_at(now).map_err(|e| at(attestation, e))?;
    attestation.check_critical().map_err(|e| at(attestation, e))?;
    let fields = AttestationFields::read(attestation).map_err(|e| at(attestation, e))?;
    let device = find_issuer(attestation, chain, 0, now)?;
    let serial = AttestationFields::device_serial(device).map_err(|e| at(device, e))?;
    if serial != fields.serial {
        return Err(format!(
            "device {serial} signed an attestation that names device {}",
            fields.serial
        ));
    }
    let root = climb(device, chain, roots, now)?;
    let public_key = attestation
        .p256_point()
        .ok_or_else(|| at(attestation, "its key is not a point of P-256".into()))?;
    Ok(Attested { fields, public_key, yubico: root.fingerprint() == YUBICO_ROOT_SHA256 })
}

/// Follows issuers from the device certificate to a pinned root.
fn climb<'a>(
    device: &'a Certificate,
    chain: &'a [Certificate],
    roots: &'a [Certificate],
    now: u64,
) -> Result<&'a Certificate, String> {
    let mut current = device;
    for below in 1..=MAX_DEPTH {
        if let Ok(root) = find_issuer(current, roots, below, now) {
            return Ok(root);
        }
        if roots.contains(current) {
            return Err("a root posed as a device".into());
        }
        current = find_issuer(current, chain, below, now)?;
    }
    Err("the chain is too long".into())
}

/// The certificate among `candidates` that signed `child` and may have done so; `below` authorities
/// lie under it.
fn find_issuer<'a>(
    child: &Certificate,
    candidates: &'a [Certificate],
    below: u8,
    now: u64,
) -> Result<&'a Certificate, String> {
    let mut reasons = BTreeMap::new();
    for candidate in candidates.iter().filter(|c| child.names_issuer(c) && *c != child) {
        match check_issuer(child, candidate, below, now) {
            Ok(()) => return Ok(candidate),
            Err(why) => drop(reasons.insert(candidate.subject(), why)),
        }
    }
    match reasons.into_iter().next() {
        Some((subject, why)) => Err(format!("{subject}: {why}")),
        None => Err(at(
            child,
            "the chain does not lead to a pinned root: its issuer is not there".into(),
        )),
    }
}

fn check_issuer(
    child: &Certificate,
    issuer: &Certificate,
    below: u8,
    now: u64,
) -> Result<(), String> {
    signature::verify(child, issuer)?;
    issuer.check_authority(below)?;
    issuer.check_critical()?;
    issuer.check_valid_at(now)
}

fn at(certificate: &Certificate, why: String) -> String {
    format!("{}: {why}", certificate.subject())
}
