//! From what a fleet releases and what a passkey gives to the key of a slot.

use sealed_keys::{Secret, passkey_unlock_key};
use vault_protocol::{AccountId, KeysDigest};

/// Input of the PRF extension. One fixed value is enough: the output differs for every passkey, and
/// the unlock key binds the rest.
pub const PRF_INPUT: [u8; 32] = *b"keepsake/passkey-prf-input/v1\0\0\0";

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlockContext {
    /// Of the fleet's keys.
    pub keys: KeysDigest,
    /// Whose account it is.
    pub account: AccountId,
    /// The passkey's id.
    pub credential_id: Vec<u8>,
}

/// The key that opens a `passkey` slot, from what the fleet released and what the passkey gave.
///
/// HKDF-SHA256(released || prf, labelled("passkey-unlock-key", [D, account, credential id])), 32
/// bytes.
pub fn unlock_key(released: &[u8; 32], prf: &Secret<32>, context: &UnlockContext) -> Secret<32> {
    passkey_unlock_key(
        released,
        prf,
        &[&context.keys.0, &context.account.0, &context.credential_id],
    )
}
