//! Objects as such, and those that only hold bytes.

use hsm_mock::DeviceError::{
    InsufficientPermissions, InvalidData, InvalidId, ObjectExists, ObjectNotFound, StorageFailed,
    WrongLength,
};

use crate::behaviour::{Behaviour, Outcome, does, refuses};
use crate::can;
use crate::device::{Device, new};
use crate::source::{COMMANDS, PYTHON, SIZES};

const OPAQUE: u8 = 1;
const AUTHENTICATION_KEY: u8 = 2;
const ASYMMETRIC_KEY: u8 = 3;

pub(super) const ROWS: &[Behaviour] = &[
    does(0x42, "id 0 asks for any free id", COMMANDS, |device| {
        let id = device.command(0x42, &[&new(0, 1, 0, 30)[..], b"data"].concat())?;
        assert_ne!(id, [0, 0]);
        device.command(0x4e, &[&id[..], &[OPAQUE]].concat()).map(drop)
    }),
    refuses(0x42, InvalidId, "id 0xffff, which is reserved", PYTHON, |device| {
        device.put(0x42, 0xffff, 0, 30, b"data")
    }),
    refuses(0x42, ObjectExists, "an id that is taken", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.put(0x42, 5, 0, 30, b"data")
    }),
    refuses(0x42, InvalidData, "a key's algorithm", COMMANDS, |device| {
        device.put(0x42, 5, 0, 12, b"data")
    }),
    refuses(0x42, StorageFailed, "once the store is full", COMMANDS, |device| {
        device.emulator.fill_storage().unwrap();
        device.put(0x42, 5, 0, 30, b"data")
    }),
    refuses(0x42, InsufficientPermissions, "without the capability", COMMANDS, |device| {
        let opaque = [&new(5, 1, 0, 30)[..], b"data"].concat();
        device.as_user(0, can::ALL).command(0x42, &opaque).map(drop)
    }),
    refuses(0x42, InsufficientPermissions, "capabilities beyond the delegated ones", COMMANDS, {
        |device| {
            let opaque = [&new(5, 1, 1 << 0x10, 30)[..], b"data"].concat();
            device.as_user(can::ALL, 0).command(0x42, &opaque).map(drop)
        }
    }),
    does(0x43, "the bytes", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        assert_eq!(device.command(0x43, &[0, 5])?, b"data");
        Ok(())
    }),
    refuses(0x43, ObjectNotFound, "an object of another type", COMMANDS, |device| {
        device.command(0x43, &[0, 1]).map(drop)
    }),
    refuses(0x43, InsufficientPermissions, "without the capability", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.as_user(0, 0).command(0x43, &[0, 5]).map(drop)
    }),
    refuses(0x43, ObjectNotFound, "an object in none of the session's domains", COMMANDS, {
        |device| {
            device.command(0x42, &[&new(5, 2, 0, 30)[..], b"data"].concat())?;
            device.as_user(can::GET_OPAQUE, 0).command(0x43, &[0, 5]).map(drop)
        }
    }),
    does(0x48, "id, type and sequence of each object", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        assert_eq!(device.command(0x48, &[])?, [0, 1, 2, 0, 0, 5, 1, 0]);
        Ok(())
    }),
    does(0x48, "only those that pass every filter", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        let filters: [(&[u8], bool); 6] = [
            (&[1, 0, 5], true),
            (&[2, OPAQUE], true),
            (&[2, OPAQUE, 1, 0, 6], false),
            (&[3, 0, 2], false),
            (&[5, 30], true),
            (&[4, 0, 0, 0, 0, 0, 0, 0, 1], false),
        ];
        for (filter, passes) in filters {
            let listed = device.command(0x48, filter)?;
            let has_it = listed.as_chunks::<4>().0.contains(&[0, 5, OPAQUE, 0]);
            assert_eq!(has_it, passes, "{filter:?}");
        }
        Ok(())
    }),
    refuses(0x48, InvalidData, "a filter that does not exist", COMMANDS, |device| {
        device.command(0x48, &[9, 0]).map(drop)
    }),
    does(0x4e, "the fields of an object", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        let info = device.command(0x4e, &[0, 5, OPAQUE])?;
        assert_eq!(info.len(), 66);
        // Capabilities; id, size, domains; type, algorithm, sequence, origin; label.
        assert_eq!(info[..18], [0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 4, 0, 1, 1, 30, 0, 2]);
        assert_eq!(info[18..24], *b"label\0");
        Ok(())
    }),
    does(0x4e, "the size of an authentication key is 40", SIZES, |device| {
        size_is(device, 1, AUTHENTICATION_KEY, 40)
    }),
    does(0x4e, "the size of a P-256 key is 96", SIZES, |device| {
        device.put(0x45, 5, 0, 12, &[7; 32])?;
        size_is(device, 5, ASYMMETRIC_KEY, 96)
    }),
    does(0x4e, "the sequence counts how often an id was used", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.command(0x58, &[0, 5, OPAQUE])?;
        device.put(0x42, 5, 0, 30, b"data")?;
        assert_eq!(device.command(0x4e, &[0, 5, OPAQUE])?[16], 1);
        Ok(())
    }),
    refuses(0x4e, ObjectNotFound, "an object that is not there", COMMANDS, |device| {
        device.command(0x4e, &[0, 5, OPAQUE]).map(drop)
    }),
    refuses(0x4e, ObjectNotFound, "an object after it", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.command(0x58, &[0, 5, OPAQUE])?;
        device.command(0x4e, &[0, 5, OPAQUE]).map(drop)
    }),
    refuses(0x58, ObjectNotFound, "an object that is not there", COMMANDS, |device| {
        device.command(0x58, &[0, 5, OPAQUE]).map(drop)
    }),
    refuses(0x58, InsufficientPermissions, "without the type's capability", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.as_user(0, 0).command(0x58, &[0, 5, OPAQUE]).map(drop)
    }),
    does(0x58, "the id is free again", COMMANDS, |device| {
        device.put(0x42, 5, 0, 30, b"data")?;
        device.command(0x58, &[0, 5, OPAQUE])?;
        device.put(0x42, 5, 0, 30, b"data")
    }),
    does(0x5e, "bytes, whatever they are", COMMANDS, |device| {
        device.put(0x5e, 5, 0, 36, b"template")
    }),
    does(0x5f, "the bytes", COMMANDS, |device| {
        device.put(0x5e, 5, 0, 36, b"template")?;
        assert_eq!(device.command(0x5f, &[0, 5])?, b"template");
        Ok(())
    }),
    refuses(0x5f, WrongLength, "half an id", COMMANDS, |device| {
        device.command(0x5f, &[5]).map(drop)
    }),
];

fn size_is(device: &mut Device, id: u16, kind: u8, size: u16) -> Outcome {
    let [high, low] = id.to_be_bytes();
    let info = device.command(0x4e, &[high, low, kind])?;
    assert_eq!(info[10..12], size.to_be_bytes());
    Ok(())
}
