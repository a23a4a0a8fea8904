//! The device itself.

use hsm_mock::DeviceError::{InvalidCommand, InvalidData, ObjectNotFound, WrongLength};
use hsm_mock::Firmware;
use hsm_mock::host::plain;

use crate::behaviour::Answer::Done;
use crate::behaviour::{Behaviour, does, refuses};
use crate::device::keys;
use crate::source::{COMMANDS, HEADER, PYTHON, SIZES};

pub(super) const ROWS: &[Behaviour] = &[
    does(0x01, "the same bytes, in a session and outside", COMMANDS, |device| {
        assert_eq!(device.plain(0x01, b"abc")?, b"abc");
        assert_eq!(device.command(0x01, b"abc")?, b"abc");
        Ok(())
    }),
    refuses(0x01, InvalidCommand, "a code that no command has", COMMANDS, |device| {
        device.command(0x7e, &[]).map(drop)
    }),
    refuses(0x01, WrongLength, "a message that is shorter than it says", COMMANDS, |device| {
        device.message(&[0x01, 0, 9, 1]).map(drop)
    }),
    refuses(0x06, InvalidCommand, "other commands outside a session", COMMANDS, |device| {
        device.plain(0x06, &[])?;
        device.plain(0x41, &[]).map(drop)
    }),
    does(0x06, "firmware, serial number, log of 62 entries", COMMANDS, |device| {
        let info = device.plain(0x06, &[])?;
        assert_eq!(info[..3].iter().map(u8::to_string).collect::<Vec<_>>().join("."), {
            device.firmware().to_string()
        });
        assert_eq!(info[3..8], [0, 0, 0, 7, 62]);
        Ok(())
    }),
    does(0x06, "the firmware's algorithms and no more", HEADER, |device| {
        let firmware = device.firmware();
        let count = match firmware {
            _ if firmware >= Firmware::V2_4_0 => 55,
            _ if firmware >= Firmware::V2_3_0 => 54,
            _ if firmware >= Firmware::V2_2_0 => 48,
            _ => 47,
        };
        let algorithms: Vec<u8> = (1..=count).collect();
        assert_eq!(device.plain(0x06, &[])?[9..], algorithms);
        Ok(())
    }),
    refuses(0x06, WrongLength, "a second page", PYTHON, |device| {
        device.plain(0x06, &[1]).map(drop)
    })
    .then(Firmware::V2_4_0, Done),
    refuses(0x08, ObjectNotFound, "an object from before it", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.command(0x08, &[])?;
        let mut session = device.open(1, &keys(b"password"))?;
        session.command(0x4e, &[0, 5, 1]).map(drop)
    }),
    does(0x08, "the factory's key opens a session again", COMMANDS, |device| {
        device.command(0x58, &[0, 1, 2])?;
        device.command(0x08, &[])?;
        device.open(1, &keys(b"password")).map(drop)
    }),
    does(0x0a, "another key after a reset", COMMANDS, |device| {
        let before = device.plain(0x0a, &[])?;
        device.command(0x08, &[])?;
        assert_ne!(device.message(&plain(0x0a, &[]))?, before);
        Ok(())
    }),
    does(0x41, "256 records, 1,024 pages of 126 bytes, one object", SIZES, |device| {
        let storage = device.command(0x41, &[])?;
        assert_eq!(storage[..6], [1, 0, 0, 255, 4, 0]);
        assert_eq!(storage[8..], [0, 126]);
        Ok(())
    }),
    does(0x51, "as many bytes as asked for, each time others", COMMANDS, |device| {
        let random = device.command(0x51, &[0, 64])?;
        assert_eq!(random.len(), 64);
        assert_ne!(device.command(0x51, &[0, 64])?, random);
        Ok(())
    }),
    refuses(0x51, InvalidData, "more bytes than fit a message", PYTHON, |device| {
        device.command(0x51, &[0xff, 0xff]).map(drop)
    }),
    does(0x6b, "for a number of seconds", COMMANDS, |device| device.command(0x6b, &[1]).map(drop)),
    refuses(0x6b, WrongLength, "without a number", COMMANDS, |device| {
        device.command(0x6b, &[]).map(drop)
    }),
];
