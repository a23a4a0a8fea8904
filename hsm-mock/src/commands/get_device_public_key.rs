//! `GET DEVICE PUBLIC KEY` (0x0a): algorithm (1), x || y of the key that proves the device to hosts
//! with asymmetric authentication. Also outside a session.

use zeroize::Zeroizing;

use super::{Answer, no_arguments};
use crate::algorithm;
use crate::crypto::public_key;
use crate::state::State;

pub(crate) fn run(state: &State, data: &[u8]) -> Answer {
    no_arguments(data)?;
    let public = public_key::of_stored(algorithm::EC_P256, state.device_key.expose())?;
    let mut answer = Zeroizing::new(vec![algorithm::EC_P256_YUBICO_AUTHENTICATION]);
    answer.extend_from_slice(public);
    Ok(answer)
}
