//! A whole fleet in one process, over real TLS, on software devices that keep a log.

mod device;
mod fleet;

pub use crate::people::{Asks, Authenticator, Http, Person, Reach, Session, certificates, code};
pub use device::SoftwareDevice;
pub use fleet::{Fleet, copy, write_bundle};
