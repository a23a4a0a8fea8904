//! Adding a passkey, and being released a secret for it (spec/passkey-release.md).

mod begin;
mod register;
mod release;

pub use begin::Begun;
pub use register::{NewPasskey, PasskeyRegistered};
pub use release::Released;
