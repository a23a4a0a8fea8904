//! The person in front of a passkey: the PIN was typed before, a touch is asked for when it is due.

use crate::watch::{Progress, Unit};
use crate::{RecoverySecret, Watch};
use async_trait::async_trait;
use passkey_unlock::{PinPrompt, Purpose, UserCheck};
use sealed_keys::SecretText;

/// What a shell shows while a security key blinks.
pub(super) const TOUCH: &str = "Touch your security key";

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
        self.watch.progress(Progress { what: TOUCH.into(), done: 0, total: None, unit: Unit::Steps });
    }
}
