use std::process::Command;

use hsm_mock::{Config, Emulator, Error};
use yubihsm::Capability;
use yubihsm::audit::AuditOption;
use yubihsm::command::Code;

use crate::audit_log::Log;
use crate::rig::{Rig, generate, public_point};

#[test]
fn a_device_comes_back_as_it_was_with_a_boot_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new(1001).with_state_file(folder.path().join("device.db"));
    let rig = Rig::of(config.clone());
    let client = rig.admin();
    client.set_command_audit_option(Code::DeriveEcdh, AuditOption::Fix).unwrap();
    generate(&client, 0x0101, Capability::DERIVE_ECDH);
    let (point, certificate) = (public_point(&client, 0x0101), client.get_opaque(0).unwrap());
    let log = Log::read(&client).entries;
    drop((client, rig));

    let rig = Rig::of(config);
    let client = rig.admin();
    assert_eq!(public_point(&client, 0x0101), point);
    assert_eq!(client.get_opaque(0).unwrap(), certificate);
    assert_eq!(client.get_command_audit_option(Code::DeriveEcdh).unwrap(), AuditOption::Fix);
    let after = Log::read(&client).entries;
    assert_eq!(after[..log.len()], log);
    assert_eq!(after.len(), log.len() + 1);
    assert_eq!(after[log.len()].command, 0);
}

#[test]
fn a_state_is_of_one_device() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.db");
    drop(Emulator::new(Config::new(1).with_state_file(&path)).unwrap());
    let other = Emulator::new(Config::new(2).with_state_file(&path));
    assert!(matches!(other, Err(Error::StateOfAnotherDevice { found: 1, wanted: 2, .. })));
}

#[test]
fn the_program_stops_at_a_damaged_state_and_leaves_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.db");
    std::fs::write(&path, b"{\"half\":").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hsm-mock"))
        .args(["--listen", "127.0.0.1:0", "--serial", "1", "--state"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("MOCK state file") && message.contains("cannot be used"), "{message}");
    assert_eq!(std::fs::read(&path).unwrap(), b"{\"half\":");
}
