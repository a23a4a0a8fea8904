//! A whole fleet in one process, without a socket: sites over memory stores and software devices.

mod client;
mod fleet;
mod person;
mod world;

pub use client::{Client, code};
pub use fleet::{Fleet, START};
pub use person::Person;
