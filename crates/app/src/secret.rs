//! A secret as a person types it.

use zeroize::Zeroizing;

/// Typed text that is wiped when it goes: a recovery code or an offline key. Has no `Debug`.
pub struct RecoverySecret(Zeroizing<String>);

impl RecoverySecret {
    pub fn new(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}
