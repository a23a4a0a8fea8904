//! The background mode: the system starts a run every quarter of an hour, while no window is open.
//! Off until the person says yes.

use super::starter::{BackgroundMode, mode, run, starter_of, starter_of_any};
use crate::progress::blocking;
use crate::system::{Starter, command_program};
use crate::{AppError, Keepsake, NextStep, Result};
use durable_files::write_private;
use std::path::Path;

const NOTHING_TURNED_ON: &str = "The background mode is off, as before.";

/// Whether the background mode is on.
///
/// # Errors
/// None of its own.
pub async fn background_mode(keepsake: &Keepsake) -> Result<BackgroundMode> {
    let keepsake = keepsake.clone();
    blocking(move || Ok(mode(starter_of_any(&keepsake).as_ref()))).await
}

/// Turns the background mode on: writes what tells the system to start it, and starts it.
///
/// # Errors
/// `no_command` if the `keepsake` command is not beside this program; `no_background` if this
/// system has nothing that starts it, or refuses to: then it is off as before.
pub async fn enable_background(keepsake: &Keepsake) -> Result<BackgroundMode> {
    let keepsake = keepsake.clone();
    blocking(move || {
        let itself =
            std::env::current_exe().map_err(|e| AppError::disk("looking at itself", &e))?;
        let program = command_program(&itself).ok_or_else(no_command)?;
        let starter = starter_of(&keepsake, &program).ok_or_else(no_background)?;
        for (path, text) in &starter.files {
            write_private(path, text.as_bytes())
                .map_err(|e| AppError::disk("writing the background mode's files", &e))?;
        }
        for command in &starter.start {
            if let Err(why) = run(command) {
                remove_files(&starter)?;
                return Err(not_started(starter.name, &why));
            }
        }
        keepsake.log("the background mode was turned on")?;
        Ok(mode(Some(&starter)))
    })
    .await
}

/// Turns the background mode off, and removes its files.
///
/// # Errors
/// `disk` if a file cannot be removed.
pub async fn disable_background(keepsake: &Keepsake) -> Result<BackgroundMode> {
    let keepsake = keepsake.clone();
    blocking(move || {
        let Some(starter) = starter_of_any(&keepsake) else { return Ok(mode(None)) };
        if starter.files.iter().any(|(path, _)| path.exists()) {
            // What the system does not know of any more is as good as stopped.
            starter.stop.iter().for_each(|command| drop(run(command)));
            remove_files(&starter)?;
            keepsake.log("the background mode was turned off")?;
        }
        Ok(mode(Some(&starter)))
    })
    .await
}

fn remove_files(starter: &Starter) -> Result<()> {
    let remove = |path: &Path| match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    };
    let removed = starter.files.iter().try_for_each(|(path, _)| remove(path));
    removed.map_err(|e| AppError::disk("removing the background mode's files", &e))
}

fn not_started(by: &str, why: &str) -> AppError {
    let happened = format!("This computer's {by} did not start the background mode: {why}.");
    AppError::new("no_background", happened, NOTHING_TURNED_ON, NextStep::LeaveWindowOpen)
}

fn no_background() -> AppError {
    let happened = "Nothing is known on this computer that could start the background mode.";
    AppError::new("no_background", happened, NOTHING_TURNED_ON, NextStep::LeaveWindowOpen)
}

fn no_command() -> AppError {
    let happened = "The command that would run is not beside this program.";
    AppError::new("no_command", happened, NOTHING_TURNED_ON, NextStep::InstallCommand)
}
