//! What starts runs in the background here, and whether it does.

use crate::Keepsake;
use crate::system::{Job, Starter, starter};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether runs are started by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BackgroundMode {
    pub is_on: bool,
    /// It was turned on, and the system does not start it.
    pub is_broken: bool,
    /// What starts it: `systemd`, `launchd`, `Task Scheduler`. None where nothing is known that
    /// could.
    pub by: Option<String>,
    /// Its files, by their full paths.
    pub files: Vec<String>,
}

/// What would start `program` for this home. None where nothing is known that could.
pub(super) fn starter_of(keepsake: &Keepsake, program: &Path) -> Option<Starter> {
    let is_own = Keepsake::default_home().is_ok_and(|own| own == keepsake.home());
    let id = (!is_own).then_some(keepsake.id());
    let home = std::path::absolute(keepsake.home()).ok()?;
    let job = Job::new(program, &home, id)?;
    starter(&job, directories::BaseDirs::new()?.config_dir())
}

/// Its files and what it is called, whichever program it starts.
pub(crate) fn starter_of_any(keepsake: &Keepsake) -> Option<Starter> {
    starter_of(keepsake, Path::new("keepsake"))
}

pub(crate) fn mode(starter: Option<&Starter>) -> BackgroundMode {
    let there = starter.is_some_and(|s| s.files.iter().all(|(path, _)| path.is_file()));
    let runs = there && starter.is_some_and(|s| run(&s.ask).is_ok());
    let path = |(path, _): &(std::path::PathBuf, String)| path.display().to_string();
    BackgroundMode {
        is_on: runs,
        is_broken: there && !runs,
        by: starter.map(|s| s.name.to_string()),
        files: starter.map(|s| s.files.iter().map(path).collect()).unwrap_or_default(),
    }
}

/// Runs a command of the system; the error is its first word on why not.
pub(super) fn run(command: &[String]) -> Result<(), String> {
    let (program, arguments) = command.split_first().ok_or_else(String::new)?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().unwrap_or("it gave no reason").chars().take(200).collect())
}
