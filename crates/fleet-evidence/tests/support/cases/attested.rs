use super::Case;
use super::makers::{device, world};
use crate::support::*;
use fleet_evidence::device_profile::KeyRole;
use fleet_evidence::folder::*;

pub(super) fn cases() -> Vec<Case> {
    let mut out = chains();
    out.extend(keys());
    out
}

fn chains() -> Vec<Case> {
    vec![
        device(
            "unpinned-root",
            "A device's chain ends at a root that is not pinned.",
            &["E2", "E13"],
            |d| d.stranger = true,
        ),
        device(
            "rsa-512-device",
            "A device signs its attestations with a 512-bit RSA key.",
            &["E2", "E13"],
            |d| d.weak = true,
        ),
        device(
            "device-certificate-expired",
            "A device's certificate is over.",
            &["E2", "E13"],
            |d| d.device_until = Some(NOW - 1),
        ),
        device(
            "device-not-an-authority",
            "A device's certificate may not sign others.",
            &["E2", "E13"],
            |d| d.not_authority = true,
        ),
        world(
            "mock-without-label",
            "Trust document and evidence claim real hardware, the chains end at a test root.",
            &["E2", "E13"],
            |w| {
                (w.trust.mock, w.manifest_mock) = (false, false);
            },
        ),
        world(
            "mock-label-differs",
            "The evidence of a MOCK fleet claims real hardware.",
            &["E2"],
            |w| w.manifest_mock = false,
        ),
        device("firmware-too-old", "A device runs firmware below the minimum.", &["E3"], |d| {
            d.attested.values_mut().for_each(|a| a.firmware = [2, 2, 0]);
            d.info.firmware = "2.2.0".into();
        }),
        device(
            "device-info-differs",
            "A device claims newer firmware than it attests.",
            &["E3"],
            |d| d.info.firmware = "2.4.1".into(),
        ),
        world(
            "one-device-poses-as-two",
            "Device 1002 makes the attestations of device 1003 too.",
            &["E3", "E4", "E13"],
            |w| {
                w.devices[2]
                    .attested
                    .values_mut()
                    .for_each(|a| (a.serial, a.signer) = (1002, 1002));
                let chain = w.devices[1].chain().into_bytes();
                w.overrides.insert("devices/1003/device-chain.pem".into(), chain);
                w.statement_signer.insert(1003, 1002);
            },
        ),
    ]
}

fn keys() -> Vec<Case> {
    let key = |name, about, role: KeyRole, change: fn(&mut devices::Attested, &mut ObjectEntry)| {
        device(name, about, &["E4", "E8"], |d| {
            let object = d.objects.iter_mut().find(|o| o.id == role.id()).unwrap();
            change(d.attested.get_mut(&role).unwrap(), object);
        })
    };
    vec![
        world(
            "attested-by-another-device",
            "The right key is attested by device 1001 instead of 1002.",
            &["E3", "E4"],
            |w| {
                let oprf = w.devices[1].attested.get_mut(&KeyRole::Oprf).unwrap();
                (oprf.serial, oprf.signer) = (1001, 1001);
                let chain = w.devices[1].chain() + &w.devices[0].chain();
                w.overrides.insert("devices/1002/device-chain.pem".into(), chain.into_bytes());
            },
        ),
        device(
            "attests-another-key",
            "A device attests another public key than the signed one.",
            &["E4"],
            |d| {
                d.attested.get_mut(&KeyRole::Seal).unwrap().seed = "another".into();
            },
        ),
        device(
            "attests-another-object",
            "A device attests the right key under another id.",
            &["E4"],
            |d| d.attested.get_mut(&KeyRole::Seal).unwrap().id = 0x0150,
        ),
        device(
            "session-key-of-another",
            "The session key that is attested is not the signed one.",
            &["E4"],
            |d| {
                d.attested.get_mut(&KeyRole::Session).unwrap().seed = "another".into();
            },
        ),
        key(
            "session-key-exportable",
            "A session key may be exported.",
            KeyRole::Session,
            |a, o| {
                a.capabilities |= 1 << 0x10;
                o.capabilities = a.capabilities;
            },
        ),
        key(
            "session-key-imported",
            "A session key was imported, so others may have it.",
            KeyRole::Session,
            |a, o| (a.origin, o.origin) = (2, 2),
        ),
        key("exportable-key", "An oprf key may be exported.", KeyRole::Oprf, |a, o| {
            a.capabilities |= 1 << 0x10;
            o.capabilities = a.capabilities;
        }),
        key(
            "imported-key",
            "An oprf key was imported, so others may have it.",
            KeyRole::Oprf,
            |a, o| (a.origin, o.origin) = (2, 2),
        ),
        key(
            "imported-wrapped-key",
            "A seal key was brought in under a wrap key.",
            KeyRole::Seal,
            |a, o| (a.origin, o.origin) = (0x11, 0x11),
        ),
        key("key-with-more-powers", "A receipt key can also derive.", KeyRole::Receipt, |a, o| {
            a.capabilities |= 1 << 0x0b;
            o.capabilities = a.capabilities;
        }),
        key(
            "key-in-all-domains",
            "An oprf key is reachable from every domain.",
            KeyRole::Oprf,
            |a, o| (a.domains, o.domains) = (0xffff, 0xffff),
        ),
        key(
            "fleet-key-made-in-software",
            "The fleet key was made outside and imported.",
            KeyRole::Fleet,
            |a, o| (a.origin, o.origin) = (0x12, 0x12),
        ),
        key(
            "fleet-key-generated-twice",
            "Two devices claim to have generated the fleet key.",
            KeyRole::Fleet,
            |a, o| (a.origin, o.origin) = (1, 1),
        ),
    ]
}
