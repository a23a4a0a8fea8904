//! Backups that run by themselves: when one is due, the run that makes it, what starts such runs,
//! and what they leave to read.

mod background;
mod choose;
mod decide;
mod facts;
mod log;
mod new_exports;
mod notice;
mod pass;
mod read_log;
mod settings;
mod starter;
mod watch_folders;
mod watched_file;

#[cfg(test)]
mod tests;

pub use background::{background_mode, disable_background, enable_background};
pub use choose::{schedule, set_schedule};
pub use decide::Every;
pub(crate) use decide::{Decision, Power, decide};
pub(crate) use facts::Around;
pub use new_exports::NewExports;
pub use pass::{Pass, PassResult, PlacePass, back_up_what_is_due};
pub use read_log::background_log;
pub use starter::BackgroundMode;
pub(crate) use starter::{mode, starter_of_any};
pub use watch_folders::{dismiss_offer, unwatch_folder, watch_folder, watched_folders};
