//! authenticatorReset (CTAP 2.1, 6.6): everything is gone, the PIN too.

use super::{Answer, Call};
use crate::kept::Kept;
use crate::power::Power;
use crate::status::Status;
use ciborium::Value;
use std::time::Duration;

/// After power up; later, a program could trick the person into a touch.
const ALLOWED: Duration = Duration::from_secs(10);

pub(super) async fn run(call: &mut Call<'_>) -> Answer {
    let since = call.key.power.since;
    if since.elapsed() > ALLOWED {
        return Err(Status::NotAllowed);
    }
    call.person.touch().await?;
    call.key.kept = Kept::default();
    call.key.power = Power::up(since);
    Ok(Value::Null)
}
