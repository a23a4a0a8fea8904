//! The published record as pages for a person: static, without script, complete in themselves. They
//! repeat what the published files say; nobody need believe them.

mod epoch;
mod examined;
mod html;
mod index;
mod summary;
mod verify;

pub(crate) use epoch::epoch;
pub(crate) use examined::Examined;
pub(crate) use index::index;
pub(crate) use summary::epoch_path;

pub(crate) const INDEX: &str = "index.html";
