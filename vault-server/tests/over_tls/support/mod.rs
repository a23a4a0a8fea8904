//! A whole fleet in one process, over real TLS, on software devices that keep a log.

mod device;
mod fleet;

pub(crate) use crate::people::{
    Asks, Authenticator, Http, Person, Reach, Session, certificates, code,
};
pub(crate) use device::SoftwareDevice;
pub(crate) use fleet::{Fleet, copy, write_bundle};
