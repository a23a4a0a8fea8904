//! A whole fleet in one process, over real TLS, on software devices that keep a log.

mod device;
mod fleet;
mod http;

pub use crate::people::{Asks, Authenticator, Person, Reach, certificates, code};
pub use device::SoftwareDevice;
pub use fleet::{Fleet, copy, write_bundle};
pub use http::{Http, Session};
