//! Checks E2 to E4: the devices and their keys.

use super::dossier::{DeviceFiles, Dossier};
use super::{Attestations, Roots};
use crate::attestation::Attested;
use crate::check_id::CheckId;
use crate::device_profile::{
    KEY_DOMAINS, KeyRole, ORIGIN_GENERATED, ORIGIN_GENERATED_IMPORTED_WRAPPED,
};
use crate::report::Check;
use crate::trust::{Trust, firmware};
use std::collections::BTreeSet;
use vault_protocol::{Bundle, Device, Point};

/// Check E2: every attestation's chain.
pub(super) fn verify_chains(
    dossier: &Dossier,
    roots: &Result<Roots, String>,
    trust: &Trust,
) -> Result<Attestations, String> {
    let roots = roots.as_ref().map_err(Clone::clone)?;
    if dossier.manifest.mock != trust.mock() {
        return Err(
            "evidence and trust document do not agree on whether this is a MOCK fleet".into()
        );
    }
    let mut out = Attestations::new();
    for device in &dossier.devices {
        for (role, certificate) in &device.attestations {
            let attested = roots.verify(certificate, &device.chain);
            let attested = attested
                .map_err(|e| format!("device {}, {} key: {e}", device.serial, role.name()))?;
            out.insert((device.serial, *role), attested);
        }
    }
    Ok(out)
}

pub(super) fn describe_roots(attested: &Attestations) -> String {
    let yubico = attested.values().filter(|a| a.yubico).count();
    match attested.len() - yubico {
        0 => format!("{yubico} attestations lead to Yubico's root"),
        mock => format!("MOCK: {mock} of {} attestations lead to a test root", attested.len()),
    }
}

/// Checks E3 and E4.
pub(super) fn check_attested(
    dossier: &Dossier,
    bundle: &Bundle,
    trust: &Trust,
    attested: Option<&Attestations>,
) -> Vec<Check> {
    let Some(attested) = attested else {
        return [CheckId::E3, CheckId::E4]
            .map(|id| Check::not_checked(id, "there is no valid attestation (E2)"))
            .into();
    };
    vec![
        Check::from_result(CheckId::E3, check_devices(dossier, trust, attested)),
        Check::from_result(CheckId::E4, check_keys(dossier, bundle, attested)),
    ]
}

fn check_devices(
    dossier: &Dossier,
    trust: &Trust,
    attested: &Attestations,
) -> Result<String, String> {
    let named: BTreeSet<u32> = dossier.devices.iter().map(|d| d.serial).collect();
    let real: BTreeSet<u32> = attested.values().map(|a| a.fields.serial).collect();
    if named.len() != dossier.devices.len() || real.len() != dossier.devices.len() {
        return Err("a device occurs twice".into());
    }
    let minimum = trust.minimum_firmware();
    for ((serial, _), attested) in attested {
        if attested.fields.firmware.0 < minimum {
            return Err(format!(
                "device {serial}: firmware {} is too old",
                attested.fields.firmware
            ));
        }
    }
    dossier.devices.iter().try_for_each(|d| check_info(d, attested))?;
    Ok(format!("{} devices, firmware at least {}", named.len(), trust.document().minimum_firmware))
}

/// What the device said of itself agrees with what it attested.
fn check_info(device: &DeviceFiles, attested: &Attestations) -> Result<(), String> {
    let version = firmware(&device.info.firmware);
    let same = attested.iter().filter(|((serial, _), _)| *serial == device.serial).all(|(_, a)| {
        a.fields.serial == device.info.serial && Some(a.fields.firmware.0) == version
    });
    if same && device.info.serial == device.serial {
        return Ok(());
    }
    Err(format!("device {}: its information differs from what it attests", device.serial))
}

fn check_keys(
    dossier: &Dossier,
    bundle: &Bundle,
    attested: &Attestations,
) -> Result<String, String> {
    let mut made = Vec::new();
    for device in bundle.sites.iter().filter_map(|s| s.device()) {
        for role in KeyRole::ALL {
            let attested = attested.get(&(device.serial, role)).ok_or_else(|| {
                format!("device {}: no attestation of the {} key", device.serial, role.name())
            })?;
            check_key(device, role, signed_key(bundle, device, role), attested)
                .map_err(|why| format!("device {}, {} key: {why}", device.serial, role.name()))?;
            if role == KeyRole::Fleet && attested.fields.origin == ORIGIN_GENERATED {
                made.push(device.serial);
            }
        }
    }
    if made != [dossier.manifest.fleet_key_made_on] {
        return Err(format!(
            "the fleet key must be generated on device {} alone, but was on {made:?}",
            dossier.manifest.fleet_key_made_on
        ));
    }
    Ok(format!(
        "{} keys, each on its device with its exact powers",
        bundle.sites.len() * KeyRole::ALL.len()
    ))
}

fn check_key(
    device: &Device,
    role: KeyRole,
    signed: &Point,
    attested: &Attested,
) -> Result<(), String> {
    let fields = &attested.fields;
    if fields.serial != device.serial {
        return Err(format!("attested by device {}", fields.serial));
    }
    if attested.public_key != signed.0 {
        return Err("another public key than the signed one".into());
    }
    if fields.object_id != role.id() {
        return Err(format!("object {:#06x} instead of {:#06x}", fields.object_id, role.id()));
    }
    if fields.capabilities != role.capabilities() {
        return Err(format!(
            "capabilities {:016x} instead of {:016x}",
            fields.capabilities,
            role.capabilities()
        ));
    }
    if fields.domains != KEY_DOMAINS {
        return Err(format!("domains {:04x} instead of {KEY_DOMAINS:04x}", fields.domains));
    }
    match fields.origin {
        ORIGIN_GENERATED => Ok(()),
        ORIGIN_GENERATED_IMPORTED_WRAPPED if role == KeyRole::Fleet => Ok(()),
        other => Err(format!("origin {other:02x}: it was not generated in the device")),
    }
}

fn signed_key<'a>(bundle: &'a Bundle, device: &'a Device, role: KeyRole) -> &'a Point {
    match role {
        KeyRole::Oprf => &device.oprf_key,
        KeyRole::Seal => &device.seal_key,
        KeyRole::Fleet => &bundle.fleet_key,
        KeyRole::Receipt => &device.receipt_key,
        KeyRole::Session => &device.session_key,
    }
}
