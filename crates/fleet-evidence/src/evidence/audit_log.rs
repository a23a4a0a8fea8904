//! Check E5: the logs are whole.

use super::dossier::{DeviceFiles, Dossier};

/// Check E5.
pub(super) fn check(dossier: &Dossier) -> Result<String, String> {
    for device in &dossier.devices {
        check_device(device).map_err(|why| format!("device {}: {why}", device.serial))?;
    }
    let lines: usize = dossier.devices.iter().map(|d| d.entries.len()).sum();
    Ok(format!("{lines} lines on {} devices, none unlogged", dossier.devices.len()))
}

fn check_device(device: &DeviceFiles) -> Result<(), String> {
    if device.log.unlogged_boots != 0 || device.log.unlogged_authentications != 0 {
        return Err(format!(
            "{} boots and {} authentications were not recorded",
            device.log.unlogged_boots, device.log.unlogged_authentications
        ));
    }
    match device.entries.first() {
        Some(first) if first.is_reset() => {}
        _ => return Err("its log does not begin with a factory reset".into()),
    }
    for pair in device.entries.windows(2) {
        if pair[1].is_reset() {
            return Err("a second factory reset".into());
        }
        if !pair[1].continues(&pair[0]) {
            return Err(format!("line {} does not follow line {}", pair[1].number, pair[0].number));
        }
    }
    Ok(())
}
