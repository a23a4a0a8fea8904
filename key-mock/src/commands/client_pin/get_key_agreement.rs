//! getKeyAgreement (0x02): each protocol has a key of its own.

use super::{Answer, protocol};
use crate::cbor::map;
use crate::key::Key;
use crate::parameters::Parameters;

pub(super) fn run(key: &Key, request: Parameters<'_>) -> Answer {
    let protocol = protocol(key, request)?;
    Ok(map([(1, key.power.key_agreement(protocol).public())]))
}
