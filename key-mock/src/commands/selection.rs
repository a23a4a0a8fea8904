//! authenticatorSelection (CTAP 2.1, 6.9): which of several keys the person means.

use super::{Answer, Call};
use ciborium::Value;

pub(super) async fn run(call: &mut Call<'_>) -> Answer {
    call.person.touch().await?;
    Ok(Value::Null)
}
