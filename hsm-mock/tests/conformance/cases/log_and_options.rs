//! The audit log, and the options that decide about it.

use hsm_mock::DeviceError::{
    AlgorithmDisabled, InsufficientPermissions, InvalidData, LogFull, WrongLength,
};
use hsm_mock::Firmware;

use crate::behaviour::Answer::Refused;
use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::device::{Device, new};
use crate::source::{LOGGING, OPTIONS, PYTHON};

/// Header of `GET LOG ENTRIES`, then entries of 32 bytes.
const ENTRIES: usize = 5;
const ENTRY: usize = 32;

pub(super) const ROWS: &[Behaviour] = &[
    does(0x4d, "an entry of ff bytes for a reset, then one for the boot", LOGGING, |device| {
        let log = device.command(0x4d, &[])?;
        assert_eq!(log[ENTRIES..][..2], [0, 1]);
        assert_eq!(log[ENTRIES..][2..16], [0xff; 14]);
        Ok(())
    }),
    does(0x4d, "each entry holds a hash over it and the one before", LOGGING, |device| {
        audit(device, 0x01, 1)?;
        device.command(0x01, &[1])?;
        device.command(0x01, &[2])?;
        let log = device.command(0x4d, &[])?;
        let entries = log[ENTRIES..].as_chunks::<ENTRY>().0;
        for pair in entries.windows(2) {
            use sha2::Digest;
            let hash = sha2::Sha256::digest([&pair[1][..16], &pair[0][16..]].concat());
            assert_eq!(pair[1][16..], hash[..16]);
        }
        assert!(entries.len() > 2);
        Ok(())
    }),
    does(0x67, "entries up to that number are gone", LOGGING, |device| {
        audit(device, 0x01, 1)?;
        device.command(0x01, &[1])?;
        let before = device.command(0x4d, &[])?;
        let [.., number_high, number_low] = before[before.len() - ENTRY..][..2] else {
            unreachable!()
        };
        device.command(0x67, &[number_high, number_low])?;
        assert!(device.command(0x4d, &[])?[4] < before[4]);
        Ok(())
    }),
    refuses(0x67, WrongLength, "one byte", PYTHON, |device| device.command(0x67, &[1]).map(drop)),
    refuses(0x4f, LogFull, "audited commands once the log is full, with force audit", LOGGING, {
        |device| {
            audit(device, 0x01, 1)?;
            device.command(0x4f, &[1, 0, 1, 1])?;
            device.emulator.fill_log().unwrap();
            device.command(0x01, &[1]).map(drop)
        }
    }),
    refuses(0x05, LogFull, "any command once it is audited itself, until a reset", LOGGING, {
        |device| {
            audit(device, 0x05, 1)?;
            device.command(0x4f, &[1, 0, 1, 1])?;
            device.emulator.fill_log().unwrap();
            device.command(0x4d, &[]).map(drop)
        }
    }),
    does(0x4f, "without force audit they run, and are counted", LOGGING, |device| {
        audit(device, 0x01, 1)?;
        device.emulator.fill_log().unwrap();
        device.command(0x01, &[1]).map(drop)
    }),
    refuses(0x4f, InvalidData, "lowering a setting that is FIX", PYTHON, |device| {
        device.command(0x4f, &[1, 0, 1, 2])?;
        device.command(0x4f, &[1, 0, 1, 0]).map(drop)
    }),
    refuses(0x4f, InvalidData, "lowering a command's setting that is FIX", PYTHON, |device| {
        audit(device, 0x01, 2)?;
        audit(device, 0x01, 1)
    }),
    refuses(0x4f, InvalidData, "turning an algorithm off", OPTIONS, |device| {
        // HMAC-SHA1.
        device.command(0x4f, &[4, 0, 2, 19, 0])?;
        device.command(0x52, &[&new(5, 1, 0, 19)[..], b"key"].concat()).map(drop)
    })
    .then(Firmware::V2_2_0, Refused(AlgorithmDisabled)),
    refuses(0x4f, InvalidData, "FIPS mode of a device without it", PYTHON, |device| {
        device.command(0x4f, &[5, 0, 1, 1]).map(drop)
    }),
    refuses(0x4f, InvalidData, "an option that does not exist", OPTIONS, |device| {
        device.command(0x4f, &[9, 0, 1, 1]).map(drop)
    }),
    refuses(0x4f, InsufficientPermissions, "without the capability", OPTIONS, |device| {
        device.as_user(0, 0).command(0x4f, &[1, 0, 1, 1]).map(drop)
    }),
    does(0x50, "force audit is off after a reset", OPTIONS, |device| {
        assert_eq!(device.command(0x50, &[1])?, [0]);
        Ok(())
    }),
    does(0x50, "commands are audited after a reset before 2.3.1, not since", PYTHON, |device| {
        let settings = device.command(0x50, &[3])?;
        let is_on = settings.as_chunks::<2>().0.contains(&[0x44, 1]);
        assert_eq!(is_on, device.firmware() < Firmware::V2_3_1);
        Ok(())
    }),
    does(0x50, "settings for the firmware's commands and no more", PYTHON, |device| {
        let settings = device.command(0x50, &[3])?;
        let has_change_key = settings.as_chunks::<2>().0.iter().any(|pair| pair[0] == 0x6c);
        assert_eq!(has_change_key, device.firmware() >= Firmware::V2_1_0);
        Ok(())
    }),
];

fn audit(device: &mut Device, command: u8, setting: u8) -> Outcome {
    device.command(0x4f, &[3, 0, 2, command, setting]).map(drop)
}
