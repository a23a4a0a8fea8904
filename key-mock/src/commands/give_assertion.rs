//! What an assertion gives, one account at a time.

use super::Answer;
use super::assertion::Assertion;
use crate::cbor::map;
use crate::key::Key;
use crate::status::Status;
use ciborium::Value;
use std::time::Instant;

/// The response for one account; the rest waits for get next assertion. Errors: `NotAllowed`.
pub(super) fn give(key: &mut Key, mut assertion: Assertion) -> Answer {
    let first = assertion.remaining.len() == assertion.accounts;
    let id = assertion.remaining.pop().ok_or(Status::NotAllowed)?;
    let found = key.kept.credentials.iter().find(|kept| kept.id == id);
    let credential = found.ok_or(Status::NotAllowed)?.clone();
    key.kept.counter = key.kept.counter.wrapping_add(1);
    let (data, signature) = assertion.sign(&credential, key.kept.counter);

    let mut response =
        vec![(1, credential.descriptor()), (2, Value::Bytes(data)), (3, Value::Bytes(signature))];
    if credential.discoverable {
        response.push((4, assertion.user(&credential.user)));
    }
    if first && assertion.accounts > 1 {
        response.push((5, (assertion.accounts as u64).into()));
    }
    if !assertion.remaining.is_empty() {
        assertion.since = Instant::now();
        key.power.next = Some(assertion);
    }
    Ok(map(response))
}
