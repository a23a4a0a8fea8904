//! Passkeys of an account: which there are is the owner's word, whether one may be used each site
//! finds out itself.

mod release;
mod roster;
mod verifier;

pub use release::Release;
pub use verifier::{PasskeyVerifier, Registered};
