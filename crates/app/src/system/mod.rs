//! What is particular to an operating system: its disks, its power, its notifications, and what
//! starts a program by itself.

mod job;
mod launchd;
mod notification;
mod power;
mod starters;
mod systemd;
mod task_scheduler;
mod volumes;

pub(crate) use job::Job;
pub use notification::show_notification;
pub(crate) use power::power;
pub(crate) use starters::{Starter, command_program, starter};
pub(crate) use volumes::{Volume, volume_of};
