//! A device's audit log: its lines, who they are of, and what may follow a ceremony
//! (spec/evidence.md sections 1 and 5).

mod entry;
mod head;
mod living;

pub use entry::{Actor, Entry, next_number};
pub use head::{Head, NotNext, check_chain};
pub use living::{LineRefused, LivingLog};
