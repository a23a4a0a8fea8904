//! Sessions and authentication keys.

use std::time::Duration;

use hsm_mock::DeviceError::{
    AuthenticationFailed, InvalidId, InvalidSession, ObjectExists, ObjectNotFound, SessionsFull,
    WrongLength,
};
use hsm_mock::host::{Host, plain};

use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::{keys, new};
use crate::source::{COMMANDS, PYTHON, SCP03};

pub(super) const ROWS: &[Behaviour] = &[
    does(0x03, "the card's cryptogram proves that it has the key", SCP03, |device| {
        // `Host` checks it.
        device.open(1, &keys(b"password")).map(drop)
    }),
    refuses(0x03, ObjectNotFound, "a key that is not there", COMMANDS, |device| {
        device.open(2, &[0; 32]).map(drop)
    }),
    refuses(0x03, SessionsFull, "a 17th session", COMMANDS, |device| {
        let open = |_| device.plain(0x03, &[0, 1, 1, 2, 3, 4, 5, 6, 7, 8]);
        // One is open already.
        (0..16).try_for_each(|session| open(session).map(drop))
    }),
    does(0x03, "sessions that idled for 30 seconds make room", COMMANDS, |device| {
        for _ in 0..15 {
            device.plain(0x03, &[0, 1, 1, 2, 3, 4, 5, 6, 7, 8])?;
        }
        device.emulator.skip_time(Duration::from_secs(31));
        device.open(1, &keys(b"password")).map(drop)
    }),
    refuses(0x03, WrongLength, "a challenge of 7 bytes", COMMANDS, |device| {
        device.plain(0x03, &[0, 1, 1, 2, 3, 4, 5, 6, 7]).map(drop)
    }),
    refuses(0x04, AuthenticationFailed, "a wrong cryptogram", SCP03, |device| {
        let answer = device.plain(0x03, &[0, 1, 1, 2, 3, 4, 5, 6, 7, 8])?;
        device.plain(0x04, &[&answer[..1], &[0; 16]].concat()).map(drop)
    }),
    refuses(0x05, InvalidSession, "a session that was never opened", COMMANDS, |device| {
        device.plain(0x05, &[&[9][..], &[0; 24]].concat()).map(drop)
    }),
    refuses(0x05, AuthenticationFailed, "a wrong MAC", SCP03, |device| {
        device.plain(0x05, &[&[0][..], &[0; 24]].concat()).map(drop)
    }),
    refuses(0x05, InvalidSession, "a session that idled for 30 seconds", COMMANDS, |device| {
        device.emulator.skip_time(Duration::from_secs(31));
        device.command(0x01, &[1]).map(drop)
    }),
    does(0x05, "a session that is used stays open", COMMANDS, |device| {
        (0..3).try_for_each(|_| {
            device.emulator.skip_time(Duration::from_secs(29));
            device.command(0x01, &[1]).map(drop)
        })
    }),
    refuses(0x40, InvalidSession, "a command after it", COMMANDS, |device| {
        device.command(0x40, &[])?;
        device.command(0x01, &[1]).map(drop)
    }),
    does(0x40, "other sessions stay open", COMMANDS, |device| {
        let mut other = device.open(1, &keys(b"password"))?;
        other.command(0x40, &[])?;
        device.command(0x01, &[1]).map(drop)
    }),
    does(0x44, "the new key opens a session", COMMANDS, |device| {
        device.as_user(0, 0).command(0x01, &[1]).map(drop)
    }),
    refuses(0x44, ObjectExists, "an id that is taken", COMMANDS, |device| {
        let key = [&new(1, 1, 0, 38)[..], &[0; 8], &[0; 32]].concat();
        device.command(0x44, &key).map(drop)
    }),
    refuses(0x44, WrongLength, "31 bytes of keys", COMMANDS, |device| {
        let key = [&new(9, 1, 0, 38)[..], &[0; 8], &[0; 31]].concat();
        device.command(0x44, &key).map(drop)
    }),
    does(0x6c, "only the new key opens a session", COMMANDS, |device| {
        let mut user = device.as_user(can::CHANGE_AUTHENTICATION_KEY, 0);
        change(&mut user, 50, &[7; 32])?;
        assert!(device.open(50, &[9; 32]).is_err());
        device.open(50, &[7; 32]).map(drop)
    }),
    refuses(0x6c, InvalidId, "another key than the session's", PYTHON, |device| {
        let mut user = device.as_user(can::CHANGE_AUTHENTICATION_KEY, 0);
        change(&mut user, 1, &[7; 32])
    }),
    does(0x0a, "an uncompressed P-256 key, the same until reset", COMMANDS, |device| {
        let key = device.plain(0x0a, &[])?;
        assert_eq!((key.len(), key[0]), (65, 49));
        assert_eq!(device.message(&plain(0x0a, &[]))?, key);
        Ok(())
    }),
];

fn change<T: FnMut(&[u8]) -> Vec<u8>>(user: &mut Host<T>, id: u16, keys: &[u8; 32]) -> Outcome {
    user.command(0x6c, &[&id.to_be_bytes()[..], &[38], keys].concat()).map(drop)
}
