//! Passkeys that open a backup: the authenticator's side, and the key that its PRF output helps to
//! make.
//!
//! An [`Authenticator`] makes a passkey and answers a challenge. What it returns for the fleet is
//! WebAuthn JSON without extension results; the PRF output stays beside it, as a
//! [`sealed_keys::Secret`]. With the secret that a fleet released it gives the [`unlock_key`]. The
//! normative text is `spec/passkey-release.md`.
//!
//! Half of a slot's key is the fleet's, half is the passkey's: neither opens anything alone.
//!
//! ```
//! use passkey_unlock::{UnlockContext, unlock_key};
//! use sealed_keys::Secret;
//! use vault_protocol::{AccountId, KeysDigest};
//!
//! let whose = UnlockContext {
//!     keys: KeysDigest([1; 32]),
//!     account: AccountId([2; 16]),
//!     credential_id: vec![3; 32],
//! };
//! let key = |released: u8, prf: u8| unlock_key(&[released; 32], &Secret::new([prf; 32]), &whose);
//! assert_eq!(key(4, 5).expose(), key(4, 5).expose());
//! assert_ne!(key(4, 5).expose(), key(4, 6).expose());
//! assert_ne!(key(4, 5).expose(), key(6, 5).expose());
//! ```

#![warn(missing_docs)]

mod authenticator;
mod client_data;
mod error;
mod origin;
mod reply;
mod security_key;
mod software;
mod unlock;

pub use authenticator::{
    Asserted, AssertionRequest, Authenticator, Created, Description, NewPasskey, PinPrompt,
    Protection, Purpose, UserCheck,
};
pub use error::PasskeyError;
pub use origin::{ORIGIN, RP_ID, RP_NAME};
pub use security_key::{HidBus, HidPort, REPORT, SecurityKey, SocketBus, UsbBus};
pub use software::{
    KeyringOnly, MAX_PIN_BYTES, MIN_PIN_CHARS, PasskeyInfo, SoftwareAuthenticator, TRIES,
};
pub use unlock::{PRF_INPUT, UnlockContext, unlock_key};
