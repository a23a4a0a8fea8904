//! A fleet with its publisher, people's computers and their backups.

mod header;
mod network;
mod world;

pub use header::{copy_folder, rewrite};
pub use network::Contact;
pub use world::{Computer, OWN_CODE, World, secret};
