//! What starts the runs in the background, on this operating system.

use super::job::{Job, words};
use super::{launchd, systemd, task_scheduler};
use std::path::{Path, PathBuf};

/// Files to write, and commands that make the system start or stop the job.
pub(crate) struct Starter {
    /// What it is called, for people.
    pub name: &'static str,
    pub files: Vec<(PathBuf, String)>,
    pub start: Vec<Vec<String>>,
    pub stop: Vec<Vec<String>>,
    /// Succeeds if the system starts the job.
    pub ask: Vec<String>,
}

/// The job for this operating system; None where nothing is known that starts it. `config`: the
/// person's folder for settings.
pub(crate) fn starter(job: &Job, config: &Path) -> Option<Starter> {
    match std::env::consts::OS {
        "linux" => Some(of_systemd(job, config)),
        "macos" => Some(of_launchd(job, config)),
        "windows" => Some(of_task_scheduler(job, config)),
        _ => None,
    }
}

fn of_systemd(job: &Job, config: &Path) -> Starter {
    let name = systemd::unit_name(job);
    let timer = format!("{name}.timer");
    let folder = config.join("systemd/user");
    let systemctl = |arguments: &[&str]| words("systemctl", &[&["--user"], arguments].concat());
    Starter {
        name: "systemd",
        files: vec![
            (folder.join(format!("{name}.service")), systemd::service(job)),
            (folder.join(&timer), systemd::timer(job)),
        ],
        start: vec![systemctl(&["daemon-reload"]), systemctl(&["enable", "--now", &timer])],
        stop: vec![systemctl(&["disable", "--now", &timer])],
        ask: systemctl(&["is-active", "--quiet", &timer]),
    }
}

/// `config` is `~/Library/Application Support`, beside which the agents are.
fn of_launchd(job: &Job, config: &Path) -> Starter {
    let label = launchd::label(job);
    let agents = config.parent().unwrap_or(config).join("LaunchAgents");
    let file = agents.join(format!("{label}.plist"));
    let path = file.display().to_string();
    Starter {
        name: "launchd",
        files: vec![(file, launchd::agent(job))],
        start: vec![words("launchctl", &["load", "-w", &path])],
        stop: vec![words("launchctl", &["unload", "-w", &path])],
        ask: words("launchctl", &["list", &label]),
    }
}

fn of_task_scheduler(job: &Job, config: &Path) -> Starter {
    let name = task_scheduler::task_name(job);
    let file = config.join("Keepsake").join(format!("{name}.xml"));
    let path = file.display().to_string();
    Starter {
        name: "Task Scheduler",
        files: vec![(file, task_scheduler::task(job))],
        start: vec![words("schtasks", &["/Create", "/F", "/TN", &name, "/XML", &path])],
        stop: vec![words("schtasks", &["/Delete", "/F", "/TN", &name])],
        ask: words("schtasks", &["/Query", "/TN", &name]),
    }
}

/// The `keepsake` command that belongs to the running program: itself, or the one beside it.
pub(crate) fn command_program(running: &Path) -> Option<PathBuf> {
    let name = format!("keepsake{}", std::env::consts::EXE_SUFFIX);
    let beside = running.parent()?.join(&name);
    if running.file_name()?.to_str()? == name { Some(running.into()) } else { Some(beside) }
        .filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_files_and_a_way_to_start_and_stop_them() {
        let job = Job::of_test("/home/ann/.local/share/keepsake", None);
        let config = Path::new("/home/ann/.config");
        let systemd = of_systemd(&job, config);
        let files: Vec<String> =
            systemd.files.iter().map(|(path, _)| path.display().to_string()).collect();
        assert_eq!(
            files,
            [
                "/home/ann/.config/systemd/user/keepsake-backup.service",
                "/home/ann/.config/systemd/user/keepsake-backup.timer"
            ]
        );
        assert_eq!(
            systemd.start[1].join(" "),
            "systemctl --user enable --now keepsake-backup.timer"
        );
        let launchd = of_launchd(&job, Path::new("/Users/ann/Library/Application Support"));
        let agent = "/Users/ann/Library/LaunchAgents/org.keepsake.backup.plist";
        assert_eq!(launchd.files[0].0, Path::new(agent));
        assert_eq!(launchd.stop[0].join(" "), format!("launchctl unload -w {agent}"));
        let tasks = of_task_scheduler(&job, config);
        assert_eq!(tasks.ask, ["schtasks", "/Query", "/TN", "Keepsake backup"]);
    }

    #[test]
    fn the_command_is_itself_or_beside_the_window() {
        let dir = tempfile::tempdir().unwrap();
        let (window, command) = (dir.path().join("keepsake-desktop"), dir.path().join("keepsake"));
        assert_eq!(command_program(&window), None);
        std::fs::write(&command, b"").unwrap();
        assert_eq!(command_program(&window), Some(command.clone()));
        assert_eq!(command_program(&command), Some(command));
    }
}
