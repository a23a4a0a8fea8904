//! Device options: force audit, which commands are audited, which algorithms are on, FIPS mode.
//!
//! Source: Yubico `SET OPTION` and `GET OPTION`; the list of commands is the one a 2.4 device
//! returns, in its order; FIPS mode as python-yubihsm's tests of it expect.

use std::collections::{BTreeMap, BTreeSet};

use crate::algorithm;
use crate::device_error::DeviceError;
use crate::firmware::Firmware;

/// Commands with an audit setting, and the firmware that brought them.
const COMMANDS: [(&[u8], Firmware); 4] = [
    (
        &[
            0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45,
            0x46, 0x47, 0x55, 0x56, 0x48, 0x49, 0x57, 0x4a, 0x4b, 0x4c, 0x4d, 0x67, 0x4e, 0x4f,
            0x50, 0x51, 0x52, 0x53, 0x54, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60,
            0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x68, 0x69, 0x6a, 0x6b,
        ],
        Firmware::V2_0_0,
    ),
    (&[0x6c], Firmware::V2_1_0),
    (&[0x0a, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72], Firmware::V2_3_0),
    (&[0x73, 0x74, 0x75, 0x76, 0x77], Firmware::V2_4_0),
];

/// Echo, session message, device info and get log entries: off after a reset even where the rest is
/// on.
const NEVER_BY_DEFAULT: [u8; 4] = [0x01, 0x05, 0x06, 0x4d];

/// Algorithms that FIPS mode turns off: since 2.4.0, and before.
const NOT_FIPS: [u8; 5] = [
    algorithm::RSA_PKCS1_SHA1,
    algorithm::RSA_PSS_SHA1,
    algorithm::EC_K256,
    algorithm::EC_ECDSA_SHA1,
    algorithm::RSA_PKCS1_DECRYPT,
];
const NOT_FIPS_BEFORE_2_4: [u8; 4] = [
    algorithm::RSA_PKCS1_SHA1,
    algorithm::RSA_PSS_SHA1,
    algorithm::EC_ECDSA_SHA1,
    algorithm::EC_ED25519,
];

/// An audit setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audit {
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

    pub(crate) fn is_on(self) -> bool {
        self != Self::Off
    }

    /// Nothing but a factory reset lowers [`Audit::Fix`].
    fn allows(self, new: Self) -> Result<(), DeviceError> {
        let lowered = self == Self::Fix && new != Self::Fix;
        if lowered { Err(DeviceError::InvalidData) } else { Ok(()) }
    }
}

/// FIPS mode of a device that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fips {
    Off = 0,
    On = 1,
    /// Chosen, and on once the factory's authentication key is gone.
    Pending = 3,
}

/// All options of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    force: Audit,
    commands: BTreeMap<u8, Audit>,
    disabled: BTreeSet<u8>,
    /// `None` on a device that is not of the FIPS series.
    fips: Option<Fips>,
    /// Differs from what was last saved.
    changed: bool,
}

impl Options {
    /// The settings after a factory reset.
    pub(crate) fn factory(firmware: Firmware, is_fips_series: bool) -> Self {
        let default = if firmware.audits_by_default() { Audit::On } else { Audit::Off };
        let setting =
            |code| (code, if NEVER_BY_DEFAULT.contains(&code) { Audit::Off } else { default });
        Self {
            force: Audit::Off,
            commands: auditable(firmware).map(setting).collect(),
            disabled: BTreeSet::new(),
            fips: is_fips_series.then_some(Fips::Off),
            changed: true,
        }
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn saved(&mut self) {
        self.changed = false;
    }

    pub(crate) fn is_forced(&self) -> bool {
        self.force.is_on()
    }

    pub(crate) fn is_fips_series(&self) -> bool {
        self.fips.is_some()
    }

    /// FIPS mode is on, so that certificates say so; `None` on a device without it.
    pub(crate) fn fips_approved(&self) -> Option<bool> {
        self.fips.map(|fips| fips == Fips::On)
    }

    /// Whether `command` leaves an entry in the log.
    pub(crate) fn audits(&self, command: u8) -> bool {
        self.commands.get(&command).is_some_and(|audit| audit.is_on())
    }

    pub(crate) fn is_enabled(&self, algorithm: u8) -> bool {
        !self.disabled.contains(&algorithm)
    }

    /// One byte: the force-audit setting.
    pub(crate) fn encode_force(&self) -> Vec<u8> {
        vec![self.force as u8]
    }

    /// Pairs of command code and setting, in the order of the device.
    pub(crate) fn encode_commands(&self, firmware: Firmware) -> Vec<u8> {
        let pair = |code: u8| [code, self.commands.get(&code).copied().unwrap_or(Audit::Off) as u8];
        auditable(firmware).flat_map(pair).collect()
    }

    /// Pairs of algorithm and 1 (on) or 0.
    pub(crate) fn encode_algorithms(&self, firmware: Firmware) -> Vec<u8> {
        let pair = |algorithm| [algorithm, u8::from(self.is_enabled(algorithm))];
        algorithm::known(firmware).flat_map(pair).collect()
    }

    /// One byte: the FIPS status.
    ///
    /// # Errors
    /// `INVALID_DATA` on a device without FIPS mode.
    pub(crate) fn encode_fips(&self) -> Result<Vec<u8>, DeviceError> {
        self.fips.map(|fips| vec![fips as u8]).ok_or(DeviceError::InvalidData)
    }

    /// Changes force audit.
    ///
    /// # Errors
    /// `WRONG_LENGTH`, `INVALID_DATA`
    pub(crate) fn set_force(&mut self, value: &[u8]) -> Result<(), DeviceError> {
        let [byte] = value else { return Err(DeviceError::WrongLength) };
        let new = Audit::from_byte(*byte)?;
        self.force.allows(new)?;
        self.force = new;
        self.changed = true;
        Ok(())
    }

    /// Changes the pairs given, all of them or none.
    ///
    /// # Errors
    /// `WRONG_LENGTH`, `INVALID_DATA`
    pub(crate) fn set_commands(&mut self, pairs: &[u8]) -> Result<(), DeviceError> {
        let mut changed = self.commands.clone();
        for [code, byte] in whole_pairs(pairs)? {
            let setting = changed.get_mut(code).ok_or(DeviceError::InvalidData)?;
            let new = Audit::from_byte(*byte)?;
            setting.allows(new)?;
            *setting = new;
        }
        self.commands = changed;
        self.changed = true;
        Ok(())
    }

    /// Turns the algorithms given on or off, all of them or none.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA`, also for one that FIPS mode does not allow.
    pub(crate) fn set_algorithms(
        &mut self,
        pairs: &[u8],
        firmware: Firmware,
    ) -> Result<(), DeviceError> {
        let mut disabled = self.disabled.clone();
        let mut leaves_fips = false;
        for [algorithm, byte] in whole_pairs(pairs)? {
            if !algorithm::is_known(*algorithm, firmware) {
                return Err(DeviceError::InvalidData);
            }
            match byte {
                0 => drop(disabled.insert(*algorithm)),
                1 => {
                    leaves_fips |= self.is_in_fips_mode() && not_fips(firmware).contains(algorithm);
                    disabled.remove(algorithm);
                }
                _ => return Err(DeviceError::InvalidData),
            }
        }
        if leaves_fips {
            if firmware >= Firmware::V2_4_0 {
                return Err(DeviceError::InvalidData);
            }
            self.fips = Some(Fips::Off);
        }
        self.disabled = disabled;
        self.changed = true;
        Ok(())
    }

    fn is_in_fips_mode(&self) -> bool {
        self.fips.is_some_and(|fips| fips != Fips::Off)
    }

    /// Turns FIPS mode on; only a factory reset turns it off.
    ///
    /// # Errors
    /// `WRONG_LENGTH`; `INVALID_DATA`, also on a device without FIPS mode.
    pub(crate) fn set_fips(&mut self, value: &[u8], firmware: Firmware) -> Result<(), DeviceError> {
        let [byte] = value else { return Err(DeviceError::WrongLength) };
        let now = self.fips.ok_or(DeviceError::InvalidData)?;
        match (byte, now) {
            (0, Fips::Off) => return Ok(()),
            (1, Fips::Off) => {}
            (1, _) => return Ok(()),
            _ => return Err(DeviceError::InvalidData),
        }
        let known = |algorithm: &&u8| algorithm::is_known(**algorithm, firmware);
        self.disabled.extend(not_fips(firmware).iter().filter(known));
        self.fips = Some(if firmware >= Firmware::V2_4_0 { Fips::Pending } else { Fips::On });
        self.changed = true;
        Ok(())
    }

    /// The factory's authentication key was changed or deleted: FIPS mode waits for no more.
    pub(crate) fn factory_key_gone(&mut self) {
        if self.fips == Some(Fips::Pending) {
            self.fips = Some(Fips::On);
            self.changed = true;
        }
    }

    /// As stored: force audit, FIPS status (0xff without), count of commands, pairs of commands,
    /// disabled algorithms.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let fips = self.fips.map_or(0xff, |fips| fips as u8);
        // There are fewer than 256 commands.
        let mut bytes = vec![self.force as u8, fips, self.commands.len() as u8];
        bytes.extend(self.commands.iter().flat_map(|(code, audit)| [*code, *audit as u8]));
        bytes.extend(&self.disabled);
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` if it is something else.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [force, fips, count, rest @ ..] = bytes else { return None };
        let (pairs, disabled) = rest.split_at_checked(2 * usize::from(*count))?;
        let fips = match fips {
            0xff => None,
            0 => Some(Fips::Off),
            1 => Some(Fips::On),
            3 => Some(Fips::Pending),
            _ => return None,
        };
        let pair = |[code, audit]: &[u8; 2]| Some((*code, Audit::from_byte(*audit).ok()?));
        Some(Self {
            force: Audit::from_byte(*force).ok()?,
            commands: pairs.as_chunks().0.iter().map(pair).collect::<Option<_>>()?,
            disabled: disabled.iter().copied().collect(),
            fips,
            changed: false,
        })
    }
}

fn whole_pairs(pairs: &[u8]) -> Result<&[[u8; 2]], DeviceError> {
    match pairs.as_chunks::<2>() {
        ([], _) => Err(DeviceError::WrongLength),
        (pairs, []) => Ok(pairs),
        _ => Err(DeviceError::WrongLength),
    }
}

fn not_fips(firmware: Firmware) -> &'static [u8] {
    if firmware >= Firmware::V2_4_0 { &NOT_FIPS } else { &NOT_FIPS_BEFORE_2_4 }
}

fn auditable(firmware: Firmware) -> impl Iterator<Item = u8> {
    let there = COMMANDS.into_iter().filter(move |(_, since)| firmware >= *since);
    there.flat_map(|(codes, _)| codes.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_2_4_device_lists_its_commands_in_yubicos_order_all_off() {
        let options = Options::factory(Firmware::V2_4_0, false);
        let expected = "01000300040005000600070008000900400041004200430044004500460047005500560048004900570\
                        04a004b004c004d0067004e004f0050005100520053005400580059005a005b005c005d005e005f0060\
                        006100620063006400650066006800690\
                        06a006b006c000a006d006e006f0070007100720073007400750076007700";
        assert_eq!(hex::encode(options.encode_commands(Firmware::V2_4_0)), expected);
    }

    #[test]
    fn firmware_before_2_3_1_audits_from_the_start() {
        assert!(Options::factory(Firmware::V2_2_0, false).audits(0x57));
        assert!(!Options::factory(Firmware::V2_3_1, false).audits(0x57));
    }

    #[test]
    fn fix_is_never_lowered_and_a_refused_list_changes_nothing() {
        let mut options = Options::factory(Firmware::V2_4_0, false);
        options.set_commands(&[0x57, 2]).unwrap();
        assert_eq!(options.set_commands(&[0x56, 1, 0x57, 0]), Err(DeviceError::InvalidData));
        assert!(!options.audits(0x56) && options.audits(0x57));
        options.set_force(&[2]).unwrap();
        assert_eq!(options.set_force(&[1]), Err(DeviceError::InvalidData));
        assert_eq!(options.set_force(&[2]), Ok(()));
    }

    #[test]
    fn nonsense_is_refused() {
        let mut options = Options::factory(Firmware::V2_4_0, false);
        assert_eq!(options.set_commands(&[0x57]), Err(DeviceError::WrongLength));
        assert_eq!(options.set_commands(&[]), Err(DeviceError::WrongLength));
        assert_eq!(options.set_commands(&[0x57, 3]), Err(DeviceError::InvalidData));
        assert_eq!(options.set_commands(&[0xee, 1]), Err(DeviceError::InvalidData));
        assert_eq!(options.set_force(&[]), Err(DeviceError::WrongLength));
    }

    #[test]
    fn commands_that_came_later_cannot_be_audited_before() {
        let listed = |firmware| Options::factory(firmware, false).commands.len();
        let counts = Firmware::ALL.map(listed);
        assert_eq!(counts, [52, 53, 53, 53, 53, 60, 60, 60, 65, 65, 65]);
    }

    #[test]
    fn algorithms_are_turned_off_all_or_none() {
        let mut options = Options::factory(Firmware::V2_4_0, false);
        options.set_algorithms(&[1, 0, 12, 0], Firmware::V2_4_0).unwrap();
        assert!(!options.is_enabled(1) && !options.is_enabled(12) && options.is_enabled(2));
        let refused = options.set_algorithms(&[1, 1, 56, 0], Firmware::V2_4_0);
        assert_eq!(refused, Err(DeviceError::InvalidData));
        assert!(!options.is_enabled(1));
        options.set_algorithms(&[1, 1], Firmware::V2_4_0).unwrap();
        assert!(options.is_enabled(1));
        assert_eq!(options.encode_algorithms(Firmware::V2_4_0)[22..24], [12, 0]);
        let set = options.set_fips(&[1], Firmware::V2_4_0);
        assert_eq!(set, Err(DeviceError::InvalidData), "not of the FIPS series");
    }

    #[test]
    fn fips_mode_waits_for_another_key_and_keeps_weak_algorithms_off() {
        let mut options = Options::factory(Firmware::V2_4_0, true);
        assert_eq!(options.fips_approved(), Some(false));
        options.set_fips(&[1], Firmware::V2_4_0).unwrap();
        assert_eq!(options.encode_fips(), Ok(vec![3]));
        let weak = options.set_algorithms(&[1, 1], Firmware::V2_4_0);
        assert_eq!(weak, Err(DeviceError::InvalidData));
        options.factory_key_gone();
        assert_eq!((options.encode_fips(), options.fips_approved()), (Ok(vec![1]), Some(true)));
        assert_eq!(options.set_fips(&[0], Firmware::V2_4_0), Err(DeviceError::InvalidData));

        let mut older = Options::factory(Firmware::V2_3_1, true);
        older.set_fips(&[1], Firmware::V2_3_1).unwrap();
        assert_eq!(older.encode_fips(), Ok(vec![1]));
        older.set_algorithms(&[1, 1], Firmware::V2_3_1).unwrap();
        assert_eq!(older.encode_fips(), Ok(vec![0]));
    }

    #[test]
    fn options_read_back_as_written() {
        let mut options = Options::factory(Firmware::V2_4_0, true);
        options.set_commands(&[0x57, 2]).unwrap();
        options.set_algorithms(&[1, 0], Firmware::V2_4_0).unwrap();
        options.set_fips(&[1], Firmware::V2_4_0).unwrap();
        options.saved();
        let bytes = options.to_bytes();
        assert_eq!(Options::from_bytes(&bytes), Some(options));
        assert_eq!(Options::from_bytes(&bytes[..2]), None);
        assert_eq!(Options::from_bytes(&[0, 7, 0]), None);
    }
}
