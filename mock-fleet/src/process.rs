//! Programs that outlive the one that started them. Each has a file with its process id, which
//! counts only while that process is still this fleet's.

use crate::{FleetError, Result};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to end after it was asked to, before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at a program.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// The processes of the fleet in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Processes {
    fleet: PathBuf,
}

impl Processes {
    /// `fleet`: absolute, and part of every command line.
    pub(crate) fn of(fleet: &Path) -> Self {
        Self { fleet: fleet.to_path_buf() }
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.fleet.join("logs").join(format!("{name}.log"))
    }

    fn pid_file(&self, name: &str) -> PathBuf {
        self.fleet.join("run").join(format!("{name}.pid"))
    }

    pub(crate) fn pid(&self, name: &str) -> Option<Pid> {
        let pid = fs::read_to_string(self.pid_file(name)).ok()?.trim().parse().ok()?;
        Pid::from_raw(pid).filter(|pid| self.is_ours(*pid))
    }

    pub(crate) fn runs(&self, name: &str) -> bool {
        self.pid(name).is_some()
    }

    /// Another process may have the number by now; one that has ended has no command line, and no
    /// open file.
    fn is_ours(&self, pid: Pid) -> bool {
        let path = format!("/proc/{}/cmdline", pid.as_raw_nonzero());
        let Ok(line) = fs::read(path) else { return false };
        let mark = format!("{}/", self.fleet.display());
        line.windows(mark.len()).any(|part| part == mark.as_bytes())
    }

    /// Starts a program unless it runs. It goes on when this process ends, and Ctrl-C is not for
    /// it.
    pub(crate) fn start(&self, name: &str, command: &mut Command) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log(name))
            .map_err(FleetError::io(&self.log(name)))?;
        let error = log.try_clone().map_err(FleetError::io(&self.log(name)))?;
        self.start_with(name, command.stdin(Stdio::null()).stdout(log).stderr(error))
    }

    /// As [`Processes::start`], with the command's own inputs and outputs.
    pub(crate) fn start_with(&self, name: &str, command: &mut Command) -> Result<()> {
        if self.runs(name) {
            return Ok(());
        }
        let program = PathBuf::from(command.get_program());
        let mut child = command.process_group(0).spawn().map_err(FleetError::io(&program))?;
        let file = self.pid_file(name);
        fs::write(&file, format!("{}\n", child.id())).map_err(FleetError::io(&file))?;
        // A process has its command line a moment after it has begun: until then it would be taken
        // for somebody else's, and neither waited for nor stopped.
        while !self.runs(name) && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    pub(crate) fn signal(&self, name: &str, signal: Signal) {
        if let Some(pid) = self.pid(name) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Asks a program to end and waits until it has, with its files closed.
    pub(crate) fn stop(&self, name: &str) -> Result<()> {
        self.end(name, Signal::TERM)
    }

    /// As kill -9 does; on return it has ended.
    pub(crate) fn kill(&self, name: &str) -> Result<()> {
        self.end(name, Signal::KILL)
    }

    fn end(&self, name: &str, signal: Signal) -> Result<()> {
        let began = Instant::now();
        let mut sent = None;
        while let Some(pid) = self.pid(name) {
            if sent.is_none() || began.elapsed() > PATIENCE {
                let last = if sent.is_some() { Signal::KILL } else { signal };
                let _ = kill_process(pid, last);
                // One that was stopped ends only when it goes on.
                let _ = kill_process(pid, Signal::CONT);
                sent = Some(pid);
            }
            std::thread::sleep(PAUSE);
        }
        // Its parent may be this process.
        let _ = sent.map(|pid| waitpid(Some(pid), WaitOptions::NOHANG));
        match fs::remove_file(self.pid_file(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(FleetError::io(&self.pid_file(name))(e))
            }
            _ => Ok(()),
        }
    }

    /// Waits until `is_ready`, as long as the program runs and `patience` lasts.
    pub(crate) fn wait(
        &self,
        what: &str,
        name: &str,
        patience: Duration,
        is_ready: impl Fn() -> bool,
    ) -> Result<()> {
        let began = Instant::now();
        while !is_ready() {
            let why = match self.runs(name) {
                false => "ended at once".to_string(),
                true if began.elapsed() > patience => {
                    format!("is not ready after {} s", patience.as_secs())
                }
                true => {
                    std::thread::sleep(PAUSE * 5);
                    continue;
                }
            };
            return Err(FleetError::service(what, why, &self.log(name)));
        }
        Ok(())
    }

    /// Names of all that have a file here.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.fleet.join("run")).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| {
            Some(entry.file_name().to_str()?.strip_suffix(".pid")?.to_string())
        };
        entries.filter_map(name).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn processes() -> (tempfile::TempDir, Processes) {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["run", "logs"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let processes = Processes::of(dir.path());
        (dir, processes)
    }

    /// A shell that ends by itself only when `ends` exists, and holds a file of the fleet open.
    fn sleeper(dir: &Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]);
        command.arg(dir.join("mark"));
        command
    }

    #[test]
    fn a_program_that_was_stopped_has_ended_whether_it_hung_or_not() {
        let (dir, processes) = processes();
        processes.start("one", &mut sleeper(dir.path())).unwrap();
        let first = processes.pid("one").unwrap();
        processes.start("one", &mut sleeper(dir.path())).unwrap();
        assert_eq!(processes.pid("one"), Some(first), "it runs once");
        processes.signal("one", Signal::STOP);
        processes.stop("one").unwrap();
        assert!(!processes.is_ours(first) && !processes.runs("one"));
        processes.start("two", &mut sleeper(dir.path())).unwrap();
        processes.kill("two").unwrap();
        assert!(processes.names().is_empty());
    }

    #[test]
    fn a_number_that_another_process_has_is_not_signalled() {
        let (_dir, processes) = processes();
        fs::write(processes.pid_file("one"), std::process::id().to_string()).unwrap();
        assert!(!processes.runs("one"));
        processes.kill("one").unwrap();
        assert!(processes.names().is_empty());
    }

    #[test]
    fn a_program_that_ends_at_once_is_reported_with_its_last_words() {
        let (dir, processes) = processes();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no device; exit 3"]).arg(dir.path().join("mark"));
        processes.start("one", &mut command).unwrap();
        let wait = processes.wait("the device", "one", Duration::from_secs(60), || false);
        let text = wait.unwrap_err().to_string();
        assert!(text.contains("ended at once") && text.ends_with("no device"), "{text}");
    }
}
