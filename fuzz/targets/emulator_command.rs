//! A command inside a session, as it is after decryption.
#![no_main]

use std::cell::RefCell;

use hsm_mock::host::{Host, HostError};
use hsm_mock::{Config, Emulator, Firmware};

type Session = Host<Box<dyn FnMut(&[u8]) -> Vec<u8>>>;

/// A device with a key of each kind, and a session with the factory's key.
struct Device {
    emulator: Emulator,
    session: Session,
}

thread_local!(static DEVICE: RefCell<Device> = RefCell::new(Device::new()));

impl Device {
    fn new() -> Self {
        let config = Config::new(1001).with_firmware(Firmware::V2_5_0).with_seed(1).with_fips();
        let emulator = Emulator::new(config).expect("a new device");
        let session = open(&emulator).expect("the factory key");
        let mut device = Self { emulator, session };
        device.fill();
        device
    }

    fn renew(&mut self) {
        self.emulator.factory_reset().expect("in memory");
        self.session = open(&self.emulator).expect("the factory key");
        self.fill();
    }

    /// Objects 5 of each type, all that they can be allowed allowed.
    fn fill(&mut self) {
        let generated: [(u8, u8, &[u8]); 5] = [
            (0x46, 12, &[]),
            (0x5b, 29, &[0xff; 8]),
            (0x5a, 20, &[]),
            (0x66, 37, &[1; 4]),
            (0x6e, 50, &[]),
        ];
        let stored: [(u8, u8, &[u8]); 2] = [(0x42, 30, b"opaque"), (0x5e, 36, b"template")];
        for (code, algorithm, rest) in generated.into_iter().chain(stored) {
            let head = [&[0, 5][..], &[0; 40], &[0, 1], &[0xff; 8], &[algorithm]].concat();
            self.session.command(code, &[&head, rest].concat()).expect("an object");
        }
    }
}

fn open(emulator: &Emulator) -> Result<Session, HostError> {
    let emulator = emulator.clone();
    let transport: Box<dyn FnMut(&[u8]) -> Vec<u8>> =
        Box::new(move |message| emulator.transceive_now(message).to_vec());
    Host::open(transport, 1, b"password")
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    DEVICE.with_borrow_mut(|device| {
        // Asked for a key of 4,096 bits it would be slow, not wrong.
        if let [0x46 | 0x5b, _, _, arguments @ ..] = bytes
            && matches!(arguments.get(52), Some(9..=11))
        {
            return;
        }
        match device.session.raw(bytes) {
            Ok(answer) => {
                let length = usize::from(u16::from_be_bytes([answer[1], answer[2]]));
                assert_eq!(answer.len(), 3 + length);
            }
            // Closed, reset, or locked by an audit option: from the start.
            Err(HostError::Outer(_)) => device.renew(),
            Err(error) => panic!("{error:?}"),
        }
    });
});
