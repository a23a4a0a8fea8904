//! AES wrap keys: objects and data under them.

use aes::Aes128;
use ccm::aead::{Aead, KeyInit};
use ccm::consts::{U13, U16};
use hsm_mock::DeviceError::{InsufficientPermissions, InvalidData, WrongLength};
use hsm_mock::Firmware;

use crate::behaviour::Answer::{Done, Refused};
use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::{Device, new};
use crate::source::{COMMANDS, PYTHON, SIZES, WRAP};

type Ccm = ccm::Ccm<Aes128, U16, U13>;

const AES128_CCM: u8 = 29;
const KEY: [u8; 16] = [7; 16];
const NONCE: [u8; 13] = [3; 13];
const ALL_DELEGATED: [u8; 8] = [0xff; 8];
const HELLO: &[u8] = b"Hello world!";
const CAN: u64 = can::EXPORT_WRAPPED | can::IMPORT_WRAPPED | can::WRAP_DATA | can::UNWRAP_DATA;

pub(super) const ROWS: &[Behaviour] = &[
    does(0x4c, "keys of 128, 192 and 256 bits, of sizes 24, 32 and 40", SIZES, |device| {
        for (algorithm, size) in [(29, 16), (41, 24), (42, 32u8)] {
            let secret = [&ALL_DELEGATED[..], &vec![7; size.into()]].concat();
            device.put(0x4c, algorithm.into(), 0, algorithm, &secret)?;
            let info = device.command(0x4e, &[0, algorithm, 4])?;
            assert_eq!(info[10..12], [0, size + 8]);
        }
        Ok(())
    }),
    refuses(0x4c, WrongLength, "a key of 15 bytes", COMMANDS, |device| {
        device.put(0x4c, 5, 0, AES128_CCM, &[7; 8 + 15])
    }),
    does(0x5b, "a key that unwraps what it wraps", COMMANDS, |device| {
        device.put(0x5b, 5, CAN, AES128_CCM, &ALL_DELEGATED)?;
        let wrapped = device.command(0x68, &[&[0, 5], HELLO].concat())?;
        assert_eq!(device.command(0x69, &[&[0, 5], &wrapped[..]].concat())?, HELLO);
        Ok(())
    }),
    does(0x68, "a zero byte goes before the data: 12 bytes become 42", PYTHON, |device| {
        put_wrap_key(device, CAN)?;
        let wrapped = device.command(0x68, &[&[0, 5], HELLO].concat())?;
        assert_eq!(wrapped.len(), 42);
        let opened = open(&wrapped);
        assert_eq!(opened, [&[0], HELLO].concat());
        Ok(())
    }),
    refuses(0x68, InvalidData, "with a key that may not", PYTHON, |device| {
        put_wrap_key(device, can::UNWRAP_DATA)?;
        device.command(0x68, &[&[0, 5], HELLO].concat()).map(drop)
    })
    .then(Firmware::V2_5_0, Refused(InsufficientPermissions)),
    refuses(0x68, WrongLength, "no data", COMMANDS, |device| {
        put_wrap_key(device, CAN)?;
        device.command(0x68, &[0, 5]).map(drop)
    }),
    refuses(0x69, InvalidData, "with a key that may not", PYTHON, |device| {
        put_wrap_key(device, can::WRAP_DATA)?;
        device.command(0x69, &[&[0, 5], &seal(b"\0data")[..]].concat()).map(drop)
    })
    .then(Firmware::V2_5_0, Refused(InsufficientPermissions)),
    refuses(0x69, InvalidData, "what was not wrapped as data", PYTHON, |device| {
        put_wrap_key(device, CAN)?;
        device.command(0x69, &[&[0, 5], &seal(b"data")[..]].concat()).map(drop)
    }),
    refuses(0x69, InvalidData, "altered data", COMMANDS, |device| {
        put_wrap_key(device, CAN)?;
        let mut sealed = seal(b"\0data");
        sealed[15] ^= 1;
        device.command(0x69, &[&[0, 5], &sealed[..]].concat()).map(drop)
    }),
    does(0x4a, "a P-256 key: header of 59 bytes, then d, x and y; 184 in all", WRAP, |device| {
        put_wrap_key(device, CAN)?;
        device.put(0x45, 6, can::EXPORTABLE, 12, &[9; 32])?;
        let wrapped = device.command(0x4a, &[0, 5, 3, 0, 6])?;
        let opened = open(&wrapped);
        let public = device.public_key(6)?;
        assert_eq!(wrapped.len(), 184);
        assert_eq!(opened[..13], [29, 0, 0, 0, 0, 0, 1, 0, 0, 0, 6, 0, 96]);
        assert_eq!(opened[13..19], [0, 1, 3, 12, 0, 2]);
        assert_eq!(opened[59..], [&[9; 32][..], &public].concat());
        Ok(())
    }),
    does(0x4a, "an HMAC key: both pads", WRAP, |device| {
        put_wrap_key(device, CAN)?;
        device.put(0x52, 6, can::EXPORTABLE, 20, b"key")?;
        let opened = open(&device.command(0x4a, &[0, 5, 5, 0, 6])?);
        let pad = |mask: u8| {
            let mut pad = [mask; 64];
            pad.iter_mut().zip(b"key").for_each(|(byte, key)| *byte ^= key);
            pad
        };
        assert_eq!(opened[59..], [pad(0x36), pad(0x5c)].concat());
        Ok(())
    }),
    does(0x4a, "an authentication key: delegated capabilities go before it", WRAP, |device| {
        put_wrap_key(device, CAN)?;
        let secret = [&[0, 0, 0, 0, 0, 0, 0, 1][..], &[8; 32]].concat();
        device.put(0x44, 6, can::EXPORTABLE, 38, &secret)?;
        let opened = open(&device.command(0x4a, &[0, 5, 2, 0, 6])?);
        assert_eq!(opened[59..], secret);
        Ok(())
    }),
    refuses(
        0x4a,
        InsufficientPermissions,
        "an object that is not exportable",
        COMMANDS,
        |device| {
            put_wrap_key(device, CAN)?;
            device.put(0x45, 6, 0, 12, &[9; 32])?;
            device.command(0x4a, &[0, 5, 3, 0, 6]).map(drop)
        },
    ),
    refuses(0x4a, WrongLength, "an Ed25519 key with its seed", PYTHON, |device| {
        put_wrap_key(device, CAN)?;
        device.put(0x45, 6, can::EXPORTABLE, 46, &[9; 32])?;
        device.command(0x4a, &[0, 5, 3, 0, 6, 1]).map(drop)
    })
    .then(Firmware::V2_4_0, Done),
    does(0x4b, "what a device exported", COMMANDS, |device| {
        put_wrap_key(device, CAN)?;
        device.put(0x46, 6, can::EXPORTABLE | can::SIGN_ECDSA, 12, &[])?;
        let before = device.public_key(6)?;
        let wrapped = device.command(0x4a, &[0, 5, 3, 0, 6])?;
        device.command(0x58, &[0, 6, 3])?;
        assert_eq!(import(device, &wrapped)?, [3, 0, 6]);
        assert_eq!(device.public_key(6)?, before);
        // Generated, then imported under wrap.
        assert_eq!(device.command(0x4e, &[0, 6, 3])?[17], 0x11);
        Ok(())
    }),
    does(0x4b, "what was wrapped without a device", WRAP, |device| {
        put_wrap_key(device, CAN)?;
        assert_eq!(import(device, &seal(&opaque(1)))?, [1, 0, 8]);
        assert_eq!(device.command(0x43, &[0, 8])?, b"data");
        Ok(())
    }),
    does(0x4b, "domains that the wrap key is not in are left out", PYTHON, |device| {
        put_wrap_key(device, CAN)?;
        import(device, &seal(&opaque(0xffff)))?;
        assert_eq!(device.command(0x4e, &[0, 8, 1])?[12..14], [0, 1]);
        Ok(())
    }),
    refuses(0x4b, InvalidData, "what another key wrapped", COMMANDS, |device| {
        put_wrap_key(device, CAN)?;
        let mut sealed = seal(&opaque(1));
        sealed[0] ^= 1;
        import(device, &sealed).map(drop)
    }),
    refuses(0x4b, InvalidData, "data under wrap", PYTHON, |device| {
        put_wrap_key(device, CAN)?;
        let mut data = opaque(1);
        data[0] = 0;
        import(device, &seal(&data)).map(drop)
    }),
    refuses(0x4b, InsufficientPermissions, "with a key that may not", COMMANDS, |device| {
        put_wrap_key(device, can::EXPORT_WRAPPED)?;
        import(device, &seal(&opaque(1))).map(drop)
    }),
    refuses(0x4b, InsufficientPermissions, "beyond the key's delegated capabilities", COMMANDS, {
        |device| {
            device.put(0x4c, 5, CAN, AES128_CCM, &[&[0; 8][..], &KEY].concat())?;
            let mut object = opaque(1);
            object[8] = 1;
            import(device, &seal(&object)).map(drop)
        }
    }),
];

fn put_wrap_key(device: &mut Device, can: u64) -> Outcome {
    let secret = [&ALL_DELEGATED[..], &KEY].concat();
    device.command(0x4c, &[&new(5, 1, can, AES128_CCM)[..], &secret].concat()).map(drop)
}

fn import(device: &mut Device, sealed: &[u8]) -> Outcome<Vec<u8>> {
    device.command(0x4b, &[&[0, 5], sealed].concat())
}

/// An opaque object with id 8 as `yubihsm-wrap` writes it.
fn opaque(domains: u16) -> Vec<u8> {
    let mut object = vec![AES128_CCM];
    object.extend([0; 8]);
    object.extend([0, 8, 0, 4]);
    object.extend(domains.to_be_bytes());
    object.extend([1, 30, 0, 2]);
    object.extend([0; 40]);
    object.extend(b"data");
    object
}

fn seal(data: &[u8]) -> Vec<u8> {
    let sealed = Ccm::new(&KEY.into()).encrypt(&NONCE.into(), data).unwrap();
    [&NONCE[..], &sealed].concat()
}

fn open(sealed: &[u8]) -> Vec<u8> {
    let (nonce, sealed) = sealed.split_first_chunk::<13>().unwrap();
    Ccm::new(&KEY.into()).decrypt(&(*nonce).into(), sealed).unwrap()
}
