//! A secret as a person types it.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Typed text that is wiped when it goes: a recovery code or an offline key. Has no `Debug`.
pub struct RecoverySecret(Zeroizing<String>);

impl RecoverySecret {
    pub fn new(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }

    /// Whether the same was typed again. Takes the same time wherever they differ.
    pub fn is(&self, again: &Self) -> bool {
        self.0.as_bytes().ct_eq(again.0.as_bytes()).into()
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}
