//! The conversation between a client and the sites of one fleet: enroll, recover, look, remove.
//!
//! A [`Fleet`] can only be made from a bundle that was verified. The network is behind [`Transport`].

mod account;
mod enroll;
mod error;
mod fleet;
mod passkey;
mod prove;
mod recover;
mod site_session;
mod transport;

pub use account::Look;
pub use enroll::{Enrolled, Enrolment};
pub use error::{SiteProblem, VaultError};
pub use fleet::Fleet;
pub use passkey::{Begun, NewPasskey, Owner, Released};
pub use recover::{Attempt, Recovered};
pub use recovery_crypto::VaultKey;
pub use transport::{Reply, Transport, TransportError};
