//! What a device does, command by command and firmware by firmware, each with where it is known
//! from. The same table is docs/conformance.md; `UPDATE_CONFORMANCE=1` writes it anew.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod behaviour;
mod can;
mod cases;
mod device;
mod report;
mod source;

use hsm_mock::host::HostError;
use hsm_mock::{DeviceError, Firmware};

use behaviour::{Answer, Behaviour};
use device::Device;

/// One firmware of each kind.
const FIRMWARE: [Firmware; 6] = [
    Firmware::V2_0_0,
    Firmware::V2_1_2,
    Firmware::V2_2_0,
    Firmware::V2_3_1,
    Firmware::V2_4_0,
    Firmware::V2_5_0,
];

macro_rules! on {
    ($($name:ident $firmware:ident,)*) => {
        $(#[test] fn $name() { every_behaviour(Firmware::$firmware); })*
    };
}

on! {
    firmware_2_0_0 V2_0_0,
    firmware_2_1_2 V2_1_2,
    firmware_2_2_0 V2_2_0,
    firmware_2_3_1 V2_3_1,
    firmware_2_4_0 V2_4_0,
    firmware_2_5_0 V2_5_0,
}

fn every_behaviour(firmware: Firmware) {
    let mut device = Device::new(firmware);
    let wrong: Vec<String> =
        cases::all().filter_map(|behaviour| difference(&mut device, &behaviour)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as the table says; `None` if nothing.
fn difference(device: &mut Device, behaviour: &Behaviour) -> Option<String> {
    let firmware = device.firmware();
    let expected = behaviour.on(firmware);
    device.reset();
    let (found, expected) = if firmware < first_firmware(behaviour.command) {
        let unknown = Err(HostError::Refused(DeviceError::InvalidCommand.code()));
        (device.command(behaviour.command, &[]).map(drop), unknown)
    } else {
        ((behaviour.run)(device), result(expected))
    };
    let same = code(&found) == code(&expected);
    (!same).then(|| {
        let Behaviour { command, what, .. } = behaviour;
        format!("{command:#04x} {what}: {found:?} instead of {expected:?}")
    })
}

fn result(answer: Answer) -> Result<(), HostError> {
    match answer {
        Answer::Done => Ok(()),
        Answer::Refused(error) => Err(HostError::Refused(error.code())),
    }
}

/// The error code, wherever it was said; 0 for success, `None` for what is no answer.
fn code(result: &Result<(), HostError>) -> Option<u8> {
    match result {
        Ok(()) => Some(0),
        Err(HostError::Refused(code) | HostError::Outer(code)) => Some(*code),
        Err(HostError::Malformed) => None,
    }
}

fn first_firmware(command: u8) -> Firmware {
    let found = hsm_mock::commands().find(|(code, _, _)| *code == command);
    found.map(|(_, _, since)| since).expect("the command exists")
}

#[test]
fn every_command_has_a_row() {
    let missing: Vec<_> = hsm_mock::commands()
        .filter(|(code, _, _)| !cases::all().any(|behaviour| behaviour.command == *code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_document_is_this_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/conformance.md");
    let document = report::document();
    if std::env::var_os("UPDATE_CONFORMANCE").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == document, "docs/conformance.md is old: run this with UPDATE_CONFORMANCE=1");
}
