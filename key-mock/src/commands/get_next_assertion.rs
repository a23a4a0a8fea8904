//! authenticatorGetNextAssertion (CTAP 2.1, 6.3).

use super::Answer;
use super::assertion::Assertion;
use super::give_assertion::give;
use crate::key::Key;
use crate::status::Status;
use std::time::Duration;

const ALLOWED: Duration = Duration::from_secs(30);

/// Errors: `NotAllowed`.
pub(super) fn run(key: &mut Key, next: Option<Assertion>) -> Answer {
    let next = next.filter(|next| next.since.elapsed() <= ALLOWED);
    give(key, next.ok_or(Status::NotAllowed)?)
}
