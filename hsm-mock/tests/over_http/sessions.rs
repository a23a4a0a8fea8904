use std::time::Duration;

use hsm_mock::{Config, Firmware};
use yubihsm::Client;

use crate::rig::Rig;

/// An answer outside the session's encryption, for which the client keeps no code.
fn assert_session_gone(client: &Client) {
    let error = client.get_storage_info().unwrap_err().to_string();
    assert!(error.contains("HSM error (session"), "{error}");
}

#[test]
fn the_factory_password_opens_a_session() {
    let rig = Rig::new(1001);
    let info = rig.admin().device_info().unwrap();
    assert_eq!(info.serial_number.to_string(), "0000001001");
    assert_eq!((info.major_version, info.minor_version, info.build_version), (2, 4, 0));
    assert_eq!((info.log_store_capacity, info.log_store_used), (62, 2));
}

#[test]
fn a_wrong_password_or_an_unknown_key_does_not() {
    let rig = Rig::new(1001);
    assert!(rig.open(1, "Password").is_err());
    assert!(rig.open(2, "password").is_err());
}

#[test]
fn the_largest_echo_comes_back_whole() {
    for (firmware, length) in [(Firmware::V2_2_0, 2021), (Firmware::V2_4_0, 2021)] {
        let rig = Rig::of(Config::new(7).with_firmware(firmware));
        let message = vec![0xa5; length];
        assert_eq!(rig.admin().echo(message.clone()).unwrap(), message);
    }
}

#[test]
fn sixteen_sessions_fill_the_device_until_one_expires() {
    let rig = Rig::new(1001);
    rig.emulator.stop_clock();
    let sessions: Vec<_> = (0..16).map(|_| rig.admin()).collect();
    assert!(
        rig.open(1, "password").is_err_and(|error| error.to_string().contains("sessions full"))
    );
    rig.emulator.skip_time(Duration::from_secs(29));
    sessions[0].echo(*b"still here").unwrap();
    rig.emulator.skip_time(Duration::from_secs(2));
    rig.admin().echo(*b"a free place").unwrap();
    sessions[0].echo(*b"still here").unwrap();
    assert_session_gone(&sessions[1]);
}

#[test]
fn sessions_work_side_by_side_and_keep_their_own_chains() {
    let rig = Rig::new(1001);
    let (one, other) = (rig.admin(), rig.admin());
    for round in 0..20u8 {
        assert_eq!(one.echo([round]).unwrap(), [round]);
        assert_eq!(other.echo([round, 1]).unwrap(), [round, 1]);
    }
}

#[test]
fn a_power_cycle_ends_all_sessions() {
    let rig = Rig::new(1001);
    let client = rig.admin();
    rig.emulator.power_cycle().unwrap();
    assert_session_gone(&client);
    rig.admin().get_storage_info().unwrap();
}
