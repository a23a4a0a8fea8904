//! Which participant is the owner of the archive: their messages stand on the right.
//!
//! In order: what the owner said of this conversation; what the source told; names and numbers
//! that the owner said are theirs anywhere in the messenger.

mod marks;
mod say;
mod settle;

pub(crate) use self::marks::mark_threads_with;
pub(crate) use self::settle::settle;
