//! Backups that run by themselves: when one is due, the run that makes it, what starts such runs,
//! and what they leave to read.

mod background;
mod choose;
mod decide;
mod facts;
mod log;
mod notice;
mod pass;
#[cfg(test)]
mod pass_tests;
mod read_log;
mod settings;
mod starter;

pub use background::{background_mode, disable_background, enable_background};
pub use choose::{schedule, set_schedule};
pub use decide::Every;
pub(crate) use decide::{Decision, Power, decide};
pub(crate) use facts::Around;
pub use pass::{Pass, PassResult, PlacePass, back_up_what_is_due};
pub use read_log::background_log;
pub use starter::BackgroundMode;
pub(crate) use starter::{mode, starter_of_any};
