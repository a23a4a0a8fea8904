//! Check E13: what the devices themselves confirm.

use super::dossier::{DeviceFiles, Dossier};
use super::{Roots, anchors};
use crate::Unreadable;
use crate::attestation::Certificate;
use crate::bundle::VerifiedBundle;
use crate::device_profile::{ORIGIN_GENERATED, STATEMENT_DOMAINS, STATEMENT_KEY};
use crate::folder::{DeviceStatement, Head, Purpose, statement_label};
use crate::trust::Trust;
use vault_protocol::{Bundle, BundleId, SiteIndex};

/// A genuine device's word: it was present, and committed to this log head and this bundle, after
/// the challenge was known. Only verification makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedDeviceStatement {
    serial: u32,
    purpose: Purpose,
    head: Head,
    bundle: BundleId,
}

impl VerifiedDeviceStatement {
    /// Of the device that signed.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// What the statement is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Where the device's log stood.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The bundle that the device names: its fleet's keys.
    pub fn bundle(&self) -> BundleId {
        self.bundle
    }
}

/// Verifies a site's answer to a verifier's own nonce.
///
/// # Errors
/// The site is not in the bundle, or the statement is of another device, nonce or bundle, or its
/// chain is broken.
pub fn verify_live_statement(
    bundle: &VerifiedBundle,
    trust: &Trust,
    site: SiteIndex,
    nonce: &[u8; 32],
    statement: &DeviceStatement,
    now: u64,
) -> Result<VerifiedDeviceStatement, Unreadable> {
    let refuse = |why: String| Unreadable::malformed("device statement for this question", why);
    let device = bundle.bundle().site(site).and_then(|s| s.device());
    let serial =
        device.map(|d| d.serial).ok_or_else(|| refuse(format!("there is no site {site}")))?;
    let roots = Roots::of(trust, now).map_err(refuse)?;
    let expected =
        Expected { serial, purpose: Purpose::Live, challenge: nonce, bundle: bundle.id() };
    verify(statement, &expected, &roots).map_err(refuse)
}

/// Check E13.
pub(super) fn check(
    dossier: &Dossier,
    bundle: &Bundle,
    roots: &Result<Roots, String>,
) -> Result<Vec<VerifiedDeviceStatement>, String> {
    let roots = roots.as_ref().map_err(Clone::clone)?;
    let id = bundle.id();
    let one = |device: &DeviceFiles| {
        check_device(dossier, device, id, roots)
            .map_err(|why| format!("device {}: {why}", device.serial))
    };
    dossier.devices.iter().map(one).collect()
}

pub(super) fn describe(statements: &[VerifiedDeviceStatement]) -> String {
    format!("{} devices confirmed the end of their log and the bundle", statements.len())
}

fn check_device(
    dossier: &Dossier,
    device: &DeviceFiles,
    bundle: BundleId,
    roots: &Roots,
) -> Result<VerifiedDeviceStatement, String> {
    let mut ours = dossier
        .statements
        .iter()
        .filter(|s| s.serial == device.serial && s.purpose == Purpose::Ceremony);
    let (Some(statement), None) = (ours.next(), ours.next()) else {
        return Err("not exactly one statement of the ceremony".into());
    };
    let challenge = &anchors::of(dossier, device.serial)?.challenge;
    let expected =
        Expected { serial: device.serial, purpose: Purpose::Ceremony, challenge, bundle };
    let last = device.log.entries.last().ok_or("its log is empty")?;
    if statement.head != Head::of(last) {
        return Err(format!("it confirms line {}, the log ends otherwise", statement.head.number));
    }
    verify(statement, &expected, roots)
}

/// What a statement must be about.
struct Expected<'a> {
    serial: u32,
    purpose: Purpose,
    challenge: &'a [u8; 32],
    bundle: BundleId,
}

fn verify(
    statement: &DeviceStatement,
    expected: &Expected<'_>,
    roots: &Roots,
) -> Result<VerifiedDeviceStatement, String> {
    let named = (statement.serial, statement.purpose, &statement.challenge, statement.bundle);
    if named != (expected.serial, expected.purpose, expected.challenge, expected.bundle) {
        return Err("the statement is about another device, purpose, challenge or bundle".into());
    }
    let certificates = Certificate::from_pem(&statement.certificate).map_err(|e| e.to_string())?;
    let [certificate] = certificates.as_slice() else {
        return Err("not exactly one certificate".into());
    };
    let chain = Certificate::from_pem(&statement.device_chain).map_err(|e| e.to_string())?;
    let fields = roots.verify(certificate, &chain)?.fields;
    if fields.serial != expected.serial {
        return Err(format!("signed by device {}", fields.serial));
    }
    let label =
        statement_label(expected.purpose, expected.challenge, &statement.head, &expected.bundle);
    if fields.label != label {
        return Err("the signed label does not bind this challenge, log head and bundle".into());
    }
    if (fields.capabilities, fields.domains, fields.origin)
        != (0, STATEMENT_DOMAINS, ORIGIN_GENERATED)
    {
        return Err("the throw-away key has powers, other domains or was not generated".into());
    }
    if fields.object_id != STATEMENT_KEY {
        return Err(format!(
            "the throw-away key has id {:#06x} instead of {STATEMENT_KEY:#06x}",
            fields.object_id
        ));
    }
    Ok(VerifiedDeviceStatement {
        serial: expected.serial,
        purpose: expected.purpose,
        head: statement.head,
        bundle: expected.bundle,
    })
}
