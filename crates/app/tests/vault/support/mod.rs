//! A fleet with its publisher, people's computers and their backups.

mod header;
mod network;
mod world;

pub(crate) use header::{copy_folder, rewrite};
pub(crate) use network::Contact;
pub(crate) use world::{Computer, OWN_CODE, World, secret};
