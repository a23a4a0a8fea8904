//! The person in front of a passkey: the PIN was typed before, a touch is asked for when it is due.

use crate::progress::{Progress, Unit};
use crate::{RecoverySecret, Result, Watch};
use async_trait::async_trait;
use passkey_unlock::{PasskeyError, PinPrompt, Purpose, UserCheck};
use sealed_keys::SecretText;
use std::time::Duration;

/// What a shell shows while a security key blinks.
pub(super) const TOUCH: &str = "Touch your security key";

/// How often a wish to stop is looked for.
const TICK: Duration = Duration::from_millis(100);

/// Waits for a passkey's answer, or until the person wants to stop: a security key then stops
/// blinking.
pub(super) async fn unless_stopped<T>(
    watch: &dyn Watch,
    answer: impl Future<Output = std::result::Result<T, PasskeyError>>,
) -> Result<T> {
    let mut answer = std::pin::pin!(answer);
    loop {
        match tokio::time::timeout(TICK, &mut answer).await {
            Ok(answered) => return Ok(answered?),
            Err(_) if watch.cancelled() => return Err(PasskeyError::Cancelled.into()),
            Err(_) => {}
        }
    }
}

pub(super) struct Person<'a> {
    pub pin: &'a RecoverySecret,
    pub watch: &'a dyn Watch,
}

#[async_trait]
impl UserCheck for Person<'_> {
    async fn pin(&self, _: &PinPrompt) -> Option<SecretText> {
        (!self.watch.cancelled()).then(|| SecretText::new(self.pin.expose().to_string()))
    }

    async fn touch(&self, _: Purpose) {
        self.watch.progress(Progress {
            what: TOUCH.into(),
            done: 0,
            total: None,
            unit: Unit::Steps,
        });
    }
}
