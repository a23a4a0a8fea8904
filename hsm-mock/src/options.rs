//! Device options: force audit, and which commands are audited.
//!
//! Source: Yubico `SET OPTION` and `GET OPTION`; the list of commands is the one a 2.4 device returns, in its order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::device_error::DeviceError;
use crate::firmware::Firmware;

/// Commands with an audit setting since firmware 2.0.
const COMMANDS: [u8; 53] = [
    0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
    0x55, 0x56, 0x48, 0x49, 0x57, 0x4a, 0x4b, 0x4c, 0x4d, 0x67, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53,
    0x54, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
    0x68, 0x69, 0x6a, 0x6b, 0x6c,
];
/// Added by firmware 2.3.
const COMMANDS_2_3: [u8; 7] = [0x0a, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72];
/// Added by firmware 2.4.
const COMMANDS_2_4: [u8; 5] = [0x73, 0x74, 0x75, 0x76, 0x77];

/// Echo, session message, device info and get log entries: off after a reset even where the rest is on.
const NEVER_BY_DEFAULT: [u8; 4] = [0x01, 0x05, 0x06, 0x4d];

/// An audit setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audit {
    Off = 0,
    On = 1,
    /// On until factory reset.
    Fix = 2,
}

impl Audit {
    fn from_byte(byte: u8) -> Result<Self, DeviceError> {
        match byte {
            0 => Ok(Self::Off),
            1 => Ok(Self::On),
            2 => Ok(Self::Fix),
            _ => Err(DeviceError::InvalidData),
        }
    }

    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// Nothing but a factory reset lowers [`Audit::Fix`].
    fn allows(self, new: Self) -> Result<(), DeviceError> {
        if self == Self::Fix && new != Self::Fix {
            Err(DeviceError::InsufficientPermissions)
        } else {
            Ok(())
        }
    }
}

/// All options of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    force: Audit,
    /// Settings other than the factory's, by command code.
    commands: BTreeMap<u8, Audit>,
}

impl Options {
    /// The settings after a factory reset.
    pub fn factory(firmware: Firmware) -> Self {
        let default = if firmware.audits_by_default() { Audit::On } else { Audit::Off };
        let setting =
            |code| (code, if NEVER_BY_DEFAULT.contains(&code) { Audit::Off } else { default });
        Self { force: Audit::Off, commands: auditable(firmware).map(setting).collect() }
    }

    pub fn is_forced(&self) -> bool {
        self.force.is_on()
    }

    /// Whether `command` leaves an entry in the log.
    pub fn audits(&self, command: u8) -> bool {
        self.commands.get(&command).is_some_and(|audit| audit.is_on())
    }

    /// One byte: the force-audit setting.
    pub fn encode_force(&self) -> Vec<u8> {
        vec![self.force as u8]
    }

    /// Pairs of command code and setting, in the order of the device.
    pub fn encode_commands(&self, firmware: Firmware) -> Vec<u8> {
        let pair = |code: u8| [code, self.commands.get(&code).copied().unwrap_or(Audit::Off) as u8];
        auditable(firmware).flat_map(pair).collect()
    }

    /// Changes force audit.
    pub fn set_force(&mut self, value: &[u8]) -> Result<(), DeviceError> {
        let [byte] = value else { return Err(DeviceError::WrongLength) };
        let new = Audit::from_byte(*byte)?;
        self.force.allows(new)?;
        self.force = new;
        Ok(())
    }

    /// Changes the pairs given, all of them or none.
    pub fn set_commands(&mut self, pairs: &[u8]) -> Result<(), DeviceError> {
        let (pairs, rest) = pairs.as_chunks::<2>();
        if pairs.is_empty() || !rest.is_empty() {
            return Err(DeviceError::WrongLength);
        }
        let mut changed = self.commands.clone();
        for [code, byte] in pairs {
            let setting = changed.get_mut(code).ok_or(DeviceError::InvalidData)?;
            let new = Audit::from_byte(*byte)?;
            setting.allows(new)?;
            *setting = new;
        }
        self.commands = changed;
        Ok(())
    }
}

fn auditable(firmware: Firmware) -> impl Iterator<Item = u8> {
    let since_2_3 = if firmware >= Firmware::V2_3_0 { COMMANDS_2_3.as_slice() } else { &[] };
    let since_2_4 = if firmware >= Firmware::V2_4_0 { COMMANDS_2_4.as_slice() } else { &[] };
    COMMANDS.into_iter().chain(since_2_3.iter().copied()).chain(since_2_4.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_2_4_device_lists_its_commands_in_yubicos_order_all_off() {
        let options = Options::factory(Firmware::V2_4_0);
        let expected = "01000300040005000600070008000900400041004200430044004500460047005500560048004900570\
                        04a004b004c004d0067004e004f0050005100520053005400580059005a005b005c005d005e005f0060\
                        006100620063006400650066006800690\
                        06a006b006c000a006d006e006f0070007100720073007400750076007700";
        assert_eq!(hex::encode(options.encode_commands(Firmware::V2_4_0)), expected);
    }

    #[test]
    fn firmware_before_2_3_1_audits_from_the_start() {
        assert!(Options::factory(Firmware::V2_2_0).audits(0x57));
        assert!(!Options::factory(Firmware::V2_3_1).audits(0x57));
    }

    #[test]
    fn fix_is_never_lowered_and_a_refused_list_changes_nothing() {
        let mut options = Options::factory(Firmware::V2_4_0);
        options.set_commands(&[0x57, 2]).unwrap();
        assert_eq!(
            options.set_commands(&[0x56, 1, 0x57, 0]),
            Err(DeviceError::InsufficientPermissions)
        );
        assert!(!options.audits(0x56) && options.audits(0x57));
        options.set_force(&[2]).unwrap();
        assert_eq!(options.set_force(&[1]), Err(DeviceError::InsufficientPermissions));
        assert_eq!(options.set_force(&[2]), Ok(()));
    }

    #[test]
    fn nonsense_is_refused() {
        let mut options = Options::factory(Firmware::V2_4_0);
        assert_eq!(options.set_commands(&[0x57]), Err(DeviceError::WrongLength));
        assert_eq!(options.set_commands(&[]), Err(DeviceError::WrongLength));
        assert_eq!(options.set_commands(&[0x57, 3]), Err(DeviceError::InvalidData));
        assert_eq!(options.set_commands(&[0xee, 1]), Err(DeviceError::InvalidData));
        assert_eq!(options.set_force(&[]), Err(DeviceError::WrongLength));
    }
}
