//! The mathematics of a recovery, and nothing else: blinding, sharing, sealing, sessions.
//!
//! No IO, no clock; randomness is an argument. Private keys are behind [`DeviceKey`], so the same
//! code runs against a YubiHSM2 and against a software key in a test. Normative text:
//! `spec/vault-protocol.md`.
//!
//! A device evaluates what it cannot read, and shows that it used the key that it is known by:
//!
//! ```
//! use rand_core::OsRng;
//! use recovery_crypto::{DeviceKey, SoftwareKey, oprf};
//!
//! let device = SoftwareKey::generate(&mut OsRng);
//! let known_by = device.public();
//!
//! // The client blinds a code, and asks for one more evaluation that only the right key answers.
//! let blinded = oprf::blind(b"the stretched code", &mut OsRng)?;
//! let check = oprf::Check::of(&blinded.alpha(), &mut OsRng)?;
//!
//! // The device gives x-coordinates alone; two of them are a point.
//! let beta = oprf::evaluate(&device, &blinded.alpha())?;
//! let answer = oprf::evaluate(&device, &check.alpha())?;
//!
//! assert!(check.holds(&known_by, &beta, &answer));
//! let hidden_behind = blinded.finalize(&beta)?;
//!
//! // The same code gives the same output, whatever it was blinded with.
//! let again = oprf::blind(b"the stretched code", &mut OsRng)?;
//! assert_eq!(again.finalize(&oprf::evaluate(&device, &again.alpha())?)?, hidden_behind);
//! # Ok::<(), oprf::OprfError>(())
//! ```

#![warn(missing_docs)]

mod access;
mod derive;
mod device_key;
mod multiplier;
pub mod oprf;
pub mod passkey;
mod randomness;
mod recovery;
mod registration;
pub mod sealing;
pub mod session;
mod sharing;

pub use access::AccessSigner;
pub use derive::{CodeContext, VaultKey};
pub use device_key::{DeviceKey, DeviceKeyError, SoftwareKey};
pub use multiplier::multiplier;
pub use randomness::{Draw, Randomness};
pub use recovery::{Opened, RecoverError, ShareAnswer, recover};
pub use registration::{Registered, Registration, RegistrationError};
