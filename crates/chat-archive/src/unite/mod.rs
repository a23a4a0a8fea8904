//! The same chat in several exports: recognised by what was said, shown once, and taken apart
//! again.
//!
//! Each export's thread stays as it is. Threads of one chat share a conversation: of the copies of
//! a message one is shown, with what all of them know, and the others are hidden. Which threads
//! belong together is a fact that travels with a backup; what follows from it is worked out anew.

pub(crate) mod align;
mod arrange;
mod facts_of;
mod find;
mod item;
mod load;
mod owner;
mod people;

pub(crate) use self::arrange::arrange_changed;
pub(crate) use self::find::propose;
pub(crate) use self::owner::regroup;
pub use self::owner::{Proposal, ThreadName};
