//! The program around the library.

mod address;
mod arguments;
mod control;
mod parent;
mod serve;

pub(crate) use arguments::Arguments;
use arguments::Command;

/// Runs what the command line says.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Some(Command::Control(control)) => control::send(&control),
        None => serve::run(arguments.serve),
    }
}
