//! Whether a device is as it left the factory, or as a reset leaves it.

use fleet_evidence::device_log::Entry;
use fleet_evidence::device_profile::DEFAULT_AUTH_KEY;
use yubihsm_device::DeviceLog;
use yubihsm_device::answers::ObjectInfo;
use yubihsm_device::objects::ObjectType;

/// Id of what the factory put in: its attestation key and certificate.
const FACTORY_ID: u16 = 0;

/// Reasons why a device is not in factory state; none means that it is.
pub(super) fn differences(objects: &[ObjectInfo], log: &DeviceLog) -> Vec<String> {
    let default_login = |o: &&ObjectInfo| {
        o.id == DEFAULT_AUTH_KEY && o.kind == ObjectType::AuthenticationKey.code()
    };
    let mut reasons: Vec<String> = objects
        .iter()
        .filter(|o| !default_login(o) && o.id != FACTORY_ID)
        .map(|o| format!("it holds object 0x{:04x} of type {} ({:?})", o.id, o.kind, o.label))
        .collect();
    if !objects.iter().any(|o| default_login(&o)) {
        reasons.push("the default login is missing".into());
    }
    if !log.entries.first().is_some_and(Entry::is_reset) {
        reasons.push("its log does not begin with a reset line".into());
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(id: u16, kind: u8) -> ObjectInfo {
        ObjectInfo {
            capabilities: 0,
            id,
            length: 0,
            domains: 1,
            kind,
            algorithm: 0,
            sequence: 0,
            origin: 0,
            label: String::new(),
            delegated: 0,
        }
    }

    fn log(first: [u8; 32]) -> DeviceLog {
        DeviceLog {
            unlogged_boots: 0,
            unlogged_authentications: 0,
            entries: vec![Entry::read(&first)],
        }
    }

    #[test]
    fn a_fresh_device_has_only_its_factory_objects() {
        let mut reset = [0xff; 32];
        reset[..2].copy_from_slice(&[0, 1]);
        let factory = [object(0, 1), object(0, 3), object(1, 2)];
        assert_eq!(differences(&factory, &log(reset)), [""; 0]);
        assert_eq!(differences(&[object(1, 2), object(2, 2)], &log(reset)).len(), 1);
        assert_eq!(differences(&[object(1, 3)], &log(reset)).len(), 2);
        assert_eq!(differences(&factory, &log([0; 32])).len(), 1);
    }
}
