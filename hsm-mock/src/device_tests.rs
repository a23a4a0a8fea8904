//! The device as a whole.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::capability::Capabilities;

static STATE: LazyLock<State> = LazyLock::new(|| {
    let mut rng = DeviceRng::from_seed(1, 2, 3);
    State::new(7, Firmware::V2_4_0, false, &mut rng).unwrap()
});

fn device() -> Device {
    Device::power_on(STATE.clone(), Firmware::V2_4_0, DeviceRng::from_seed(1, 2, 4))
}

fn everything() -> Caller {
    Caller {
        key: 1,
        domains: 0xffff,
        capabilities: Capabilities::ALL,
        delegated: Capabilities::ALL,
    }
}

fn in_session(device: &mut Device, code: u8, data: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut record = Record::of(code);
    device.in_session(&frame::encode(code, data), everything(), Duration::ZERO, &mut record)
}

#[test]
fn a_planned_failure_strikes_once() {
    let mut device = device();
    device.plan_failure(1, DeviceError::StorageFailed);
    let mut echo = || device.process(&[1, 0, 1, 9], Duration::ZERO).message.to_vec();
    assert_eq!(
        [echo(), echo(), echo()],
        [vec![0x81, 0, 1, 9], vec![0x7f, 0, 1, 7], vec![0x81, 0, 1, 9]]
    );
}

#[test]
fn a_full_store_takes_no_more_and_a_reset_empties_it() {
    let mut device = device();
    device.fill_storage();
    let put = [&[0, 9][..], &[0; 40], &[0, 1], &[0; 8], &[30, 7]].concat();
    assert_eq!(*in_session(&mut device, 0x42, &put), [0x7f, 0, 1, 7]);
    device.reset();
    assert_eq!(*in_session(&mut device, 0x42, &put), [0xc2, 0, 2, 0, 9]);
}

/// Yubico warns of it, and its library refuses to set it.
#[test]
fn auditing_session_messages_with_force_audit_locks_a_full_device_until_it_is_reset() {
    let mut device = device();
    let options = &mut device.state.options;
    options.set_commands(&[0x05, 1]).unwrap();
    options.set_force(&[1]).unwrap();
    device.fill_log();
    let carried = |device: &mut Device| {
        let (answer, _) = device.logged(
            Command::SessionMessage,
            &[],
            Some(everything()),
            Duration::ZERO,
            |_, _| Ok(Zeroizing::default()),
        );
        answer
    };
    assert_eq!(carried(&mut device), Err(DeviceError::LogFull));
    device.reset();
    assert!(carried(&mut device).is_ok());
}

#[test]
fn a_device_of_an_older_firmware_does_not_know_later_commands() {
    let mut rng = DeviceRng::from_seed(1, 2, 3);
    let state = State::new(7, Firmware::V2_2_0, false, &mut rng).unwrap();
    let mut device = Device::power_on(state, Firmware::V2_2_0, rng);
    for code in [0x0a, 0x6d, 0x72, 0x73, 0x77] {
        assert_eq!(*in_session(&mut device, code, &[]), [0x7f, 0, 1, 1], "{code:#x}");
    }
    assert_ne!(*in_session(&mut device, 0x6c, &[]), [0x7f, 0, 1, 1]);
}

proptest! {
    #[test]
    fn any_bytes_get_a_framed_answer(message in proptest::collection::vec(any::<u8>(), 0..200)) {
        let reply = device().process(&message, Duration::ZERO).message;
        prop_assert!(frame::parse(&reply).is_ok());
    }

    #[test]
    fn any_data_of_any_plain_command_gets_a_framed_answer(
        code in 0u8..11,
        data in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let reply = device().process(&frame::encode(code, &data), Duration::ZERO).message;
        prop_assert!(frame::parse(&reply).is_ok());
    }

    #[test]
    fn any_data_of_any_session_command_gets_a_framed_answer(
        code in any::<u8>(),
        id in prop_oneof![Just(0u16), Just(1), Just(2), any::<u16>()],
        data in proptest::collection::vec(any::<u8>(), 0..160),
    ) {
        let data = [id.to_be_bytes().as_slice(), &data].concat();
        let mut device = device();
        let reply = in_session(&mut device, code, &data);
        prop_assert!(frame::parse(&reply).is_ok());
        prop_assert_eq!(device.state.log.broken_at(), None);
    }
}
