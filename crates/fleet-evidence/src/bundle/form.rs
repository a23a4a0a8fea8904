//! Check B0: the form of a bundle.

use crate::check_id::CheckId;
use crate::report::Check;
use p256::PublicKey;
use std::collections::BTreeSet;
use vault_protocol::{Bundle, DecodeError, Device, Point, SignedBundle};

pub(super) const DESCRIPTION: &str = "shape, points, distinct devices and addresses";
/// RFC 8785 writes numbers as IEEE doubles: above 2^53 - 1 two integers could share one form, and
/// so one digest.
const MAX_EXACT: u64 = (1 << 53) - 1;
/// A name for a person and a URL.
const MAX_TEXT: usize = 256;
/// Firmware of epochs that ended badly; a fleet has far fewer.
const MAX_REVOKED: usize = 1024;

pub(super) fn read_signed(bytes: &[u8]) -> Result<SignedBundle, DecodeError> {
    SignedBundle::from_json(bytes)
}

/// Check B0 of a document that could not be read.
pub(super) fn refuse(error: &DecodeError) -> Check {
    match error {
        DecodeError::OldVersion(_) | DecodeError::NewVersion(_) => {
            let sentence = capitalised(&error.to_string());
            Check::fail_saying(CheckId::B0, sentence, error.to_string())
        }
        other => Check::fail(CheckId::B0, other.to_string()),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Check B0; gives the fleet key.
pub(super) fn check(bundle: &Bundle) -> Result<PublicKey, String> {
    bundle.check_shape().map_err(|e| e.to_string())?;
    check_numbers(bundle)?;
    check_texts(bundle)?;
    check_distinct(bundle)?;
    for device in devices(bundle) {
        for (name, key) in keys(device) {
            point(key).ok_or_else(|| {
                format!("{name} key of device {} is not a point of P-256", device.serial)
            })?;
        }
    }
    point(&bundle.fleet_key).ok_or_else(|| "the fleet key is not a point of P-256".to_string())
}

fn check_numbers(bundle: &Bundle) -> Result<(), String> {
    let largest = [bundle.epoch, bundle.not_before, bundle.not_after].into_iter().max();
    if largest > Some(MAX_EXACT) || bundle.revoked_epochs.iter().any(|e| *e > MAX_EXACT) {
        return Err("a number is above 2^53 - 1".into());
    }
    if bundle.revoked_epochs.len() > MAX_REVOKED
        || bundle.revoked_epochs.iter().any(|e| *e >= bundle.epoch)
    {
        return Err("revoked epochs must be earlier than the bundle's own".into());
    }
    Ok(())
}

fn check_texts(bundle: &Bundle) -> Result<(), String> {
    let mut texts = vec![&bundle.namespace, &bundle.evidence.url];
    texts.extend(bundle.sites.iter().flat_map(|s| [&s.region, &s.endpoint]));
    if texts.iter().any(|t| t.is_empty() || t.len() > MAX_TEXT || t.chars().any(char::is_control)) {
        return Err("a text is empty, too long or has control characters".into());
    }
    if bundle.sites.iter().any(|s| !s.endpoint.starts_with("https://")) {
        return Err("an endpoint does not begin with https://".into());
    }
    Ok(())
}

fn check_distinct(bundle: &Bundle) -> Result<(), String> {
    let once = |what: &str, items: Vec<String>| {
        let count = items.len();
        let distinct: BTreeSet<String> = items.into_iter().collect();
        if distinct.len() == count { Ok(()) } else { Err(format!("{what} occurs twice")) }
    };
    once("a device serial", devices(bundle).map(|d| d.serial.to_string()).collect())?;
    once("an endpoint", bundle.sites.iter().map(|s| s.endpoint.clone()).collect())?;
    let all_keys = devices(bundle).flat_map(keys).map(|(_, k)| k.to_string());
    once("a key", all_keys.chain([bundle.fleet_key.to_string()]).collect())
}

fn devices(bundle: &Bundle) -> impl Iterator<Item = &Device> {
    bundle.sites.iter().flat_map(|s| &s.devices)
}

fn keys(device: &Device) -> [(&'static str, &Point); 4] {
    let Device { serial: _, oprf_key, seal_key, session_key, receipt_key } = device;
    [("oprf", oprf_key), ("seal", seal_key), ("session", session_key), ("receipt", receipt_key)]
}

fn point(point: &Point) -> Option<PublicKey> {
    // The first byte also rules out SEC1's compressed and identity encodings.
    if point.0[0] != 4 {
        return None;
    }
    PublicKey::from_sec1_bytes(&point.0).ok()
}
