//! Whether the computer runs on its battery.

use crate::schedule::Power;
use std::path::Path;

/// More than any computer has.
const MAX_SUPPLIES: usize = 64;

/// By the kernel's list of power supplies; unknown where there is none.
pub(crate) fn power() -> Power {
    power_by(Path::new("/sys/class/power_supply"))
}

/// Each supply is a folder with a file `type`; mains have `online`, batteries `status`.
fn power_by(supplies: &Path) -> Power {
    let Ok(all) = std::fs::read_dir(supplies) else { return Power::Unknown };
    let read = |folder: &Path, name: &str| {
        let text = durable_files::read_if_there(&folder.join(name), 4096).ok().flatten();
        String::from_utf8(text.unwrap_or_default()).unwrap_or_default().trim().to_string()
    };
    let mut discharging = false;
    for supply in all.flatten().take(MAX_SUPPLIES).map(|entry| entry.path()) {
        match read(&supply, "type").as_str() {
            "Mains" | "USB" if read(&supply, "online") == "1" => return Power::Mains,
            // Of a mouse or a headset, with a scope of its own: no word on the computer.
            "Battery" if read(&supply, "scope") != "Device" => {
                discharging |= read(&supply, "status") == "Discharging";
            }
            _ => {}
        }
    }
    if discharging { Power::Battery } else { Power::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supplies(of: &[(&str, &[(&str, &str)])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, files) in of {
            std::fs::create_dir(dir.path().join(name)).unwrap();
            for (file, text) in *files {
                std::fs::write(dir.path().join(name).join(file), format!("{text}\n")).unwrap();
            }
        }
        dir
    }

    #[test]
    fn a_laptop_without_its_cable_runs_on_battery_and_nothing_else_does() {
        let battery: (&str, &[(&str, &str)]) =
            ("BAT0", &[("type", "Battery"), ("status", "Discharging")]);
        let unplugged: (&str, &[(&str, &str)]) = ("AC", &[("type", "Mains"), ("online", "0")]);
        let plugged: (&str, &[(&str, &str)]) = ("AC", &[("type", "Mains"), ("online", "1")]);
        let mouse: (&str, &[(&str, &str)]) =
            ("hid", &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging")]);
        let of = |all: &[(&str, &[(&str, &str)])]| power_by(supplies(all).path());
        assert_eq!(of(&[battery, unplugged]), Power::Battery);
        assert_eq!(of(&[battery, plugged]), Power::Mains);
        assert_eq!(of(&[mouse]), Power::Unknown);
        assert_eq!(of(&[]), Power::Unknown);
        assert_eq!(power_by(Path::new("/nowhere/at/all")), Power::Unknown);
    }
}
