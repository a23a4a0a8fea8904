//! The mathematics of a recovery, and nothing else: blinding, sharing, sealing, sessions.
//!
//! No IO, no clock; randomness is an argument. Private keys are behind [`DeviceKey`], so the same code
//! runs against a YubiHSM2 and against a software key in a test. Normative text: `spec/vault-protocol.md`.

mod access;
mod derive;
mod device_key;
mod multiplier;
pub mod oprf;
pub mod passkey;
mod recovery;
mod registration;
pub mod sealing;
pub mod session;
mod sharing;

pub use access::AccessSigner;
pub use derive::{CodeContext, VaultKey};
pub use device_key::{DeviceKey, DeviceKeyError, SoftwareKey};
pub use multiplier::multiplier;
pub use recovery::{Opened, RecoverError, ShareAnswer, recover};
pub use registration::{Registered, Registration, RegistrationError};
