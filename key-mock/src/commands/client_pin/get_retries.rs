//! getPINRetries (0x01).

use super::{Answer, PROTOCOL, protocol};
use crate::cbor::map;
use crate::key::Key;
use crate::parameters::Parameters;

pub(super) fn run(key: &Key, request: Parameters<'_>) -> Answer {
    // Since CTAP 2.1 it need not be there.
    if key.model.old || request.has(PROTOCOL) {
        protocol(key, request)?;
    }
    let tries = (3, key.kept.pin.tries().into());
    if key.model.old {
        Ok(map([tries]))
    } else {
        Ok(map([tries, (4, key.power.is_pin_blocked().into())]))
    }
}
