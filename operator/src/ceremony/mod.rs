//! The ceremony that turns factory-fresh devices into a fleet (spec/evidence.md section 1).
//!
//! Each device's own audit log decides what was done, so a ceremony can be stopped anywhere:
//! `resume` goes on, or says that a device must start over. Nothing printed or written to the
//! transcript is secret.

mod begin;
mod cloning;
mod close;
mod command;
mod describe;
mod device_work;
mod dry_run;
mod evidence;
mod factory_state;
mod finish;
mod log_store;
mod prepare;
mod progress;
mod run;

pub use command::{CeremonyArgs, ceremony};
pub use describe::describe;
pub use device_work::Watch;
pub use dry_run::dry_run;
pub use run::{begin_and_run, resume, start_over};
