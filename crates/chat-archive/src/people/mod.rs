//! People across chats and messengers: who is the same person, and what they are called.
//!
//! The owner says so; nothing is guessed. What was said is in facts, so it can be taken back and
//! travels through backups. Every place that shows a name shows what follows from them.

mod groups;
mod list;
mod owner;
mod settle;

pub use list::{KnownAs, Person};
pub(crate) use settle::settle;
