//! How well the chats are protected, from what was looked at just now; and the proofs that a person
//! gives that a way back works.

mod dismiss_reminder;
mod judge;
mod look;
mod proofs;
mod surroundings;

pub use dismiss_reminder::dismiss_drill_reminder;
pub use look::protection;
pub(crate) use proofs::note_proof;
