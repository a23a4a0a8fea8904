//! A MOCK fleet as a value of a test, and from a shell: what is done to it is so when the call
//! returns, and nothing of it stays.

#![allow(clippy::unwrap_used)]

use mock_fleet::{Fault, FleetError, MockFleet};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Processes with the fleet's folder in their command line.
fn processes_of(dir: &Path) -> Vec<String> {
    let mark = format!("{}/", dir.display());
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let line = |entry: std::fs::DirEntry| std::fs::read(entry.path().join("cmdline")).ok();
    let lines = entries.filter_map(line).map(|line| String::from_utf8_lossy(&line).into_owned());
    lines.filter(|line| line.contains(&mark)).collect()
}

fn serves(fleet: &MockFleet, site: u8) -> bool {
    fleet.status().sites[usize::from(site) - 1].health["serving"] == true
}

#[test]
fn each_fault_is_there_until_it_is_mended_and_nothing_is_left_of_the_fleet() {
    let fleet = MockFleet::builder().sites(3).start().unwrap();
    let dir = fleet.dir().to_path_buf();
    assert!(fleet.url().contains("#sha256="), "{}", fleet.url());
    assert_eq!(processes_of(&dir).len(), 7, "three sites, three devices, an auditor");

    for fault in [Fault::Hung, Fault::Down, Fault::Lying("honest".into()), Fault::Slow] {
        fleet.inflict(2, &fault).unwrap();
        assert_eq!(fleet.fault(2), Some(fault.to_string()));
        let answers = !matches!(fault, Fault::Hung | Fault::Down);
        assert_eq!(serves(&fleet, 2), answers, "{fault}");
        fleet.mend(2).unwrap();
        assert!(serves(&fleet, 2) && fleet.fault(2).is_none(), "{fault}");
    }
    assert!(serves(&fleet, 1) && serves(&fleet, 3));
    assert!(matches!(fleet.kill(4), Err(FleetError::NoSuchSite { site: 4, sites: 3 })));

    fleet.inflict(3, &Fault::Hung).unwrap();
    drop(fleet);
    assert_eq!(processes_of(&dir), [""; 0], "a site that stood still has ended too");
    assert!(!dir.exists());
}

#[test]
fn a_fleet_of_a_shell_lives_on_between_its_commands_and_begins_again_where_it_was() {
    let work = tempfile::tempdir().unwrap();
    let shell = Shell { dir: work.path().canonicalize().unwrap().join("fleet") };
    assert!(shell.refused(&["status"]).contains("there is no fleet"));
    let made = shell.does(&["up", "--sites", "3"]);
    let url = made.lines().find_map(|line| line.strip_prefix("fleet URL: ")).unwrap().to_string();

    // `stop` means stopped: what the program had is free.
    shell.does(&["kill", "1"]);
    let status: serde_json::Value =
        serde_json::from_str(&shell.does(&["status", "--json"])).unwrap();
    assert_eq!((&status["mock"], &status["sites"][0]["running"]), (&true.into(), &false.into()));
    let endpoint = status["sites"][0]["endpoint"].as_str().unwrap();
    drop(TcpListener::bind(endpoint.strip_prefix("https://").unwrap()).unwrap());
    shell.does(&["start-site", "1"]);
    shell.does(&["fault", "3", "hung"]);
    assert!(shell.does(&["status"]).contains("MOCK fault: hung"));
    assert!(shell.refused(&["up", "--sites", "5"]).contains("has 3 sites"));

    shell.does(&["down"]);
    assert_eq!(processes_of(&shell.dir), [""; 0]);
    assert!(shell.does(&["up"]).contains(&url), "the same fleet");
    shell.does(&["remove"]);
    assert_eq!(processes_of(&shell.dir), [""; 0]);
    let left: Vec<_> = std::fs::read_dir(&shell.dir).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "the lock alone: {left:?}");
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("letters.txt"), "Dear Ada").unwrap();
    let shell = Shell { dir: work.path().to_path_buf() };
    assert!(shell.refused(&["up", "--sites", "3"]).contains("not a fleet"));
    assert!(shell.refused(&["remove"]).contains("there is no fleet"));
    assert_eq!(std::fs::read(work.path().join("letters.txt")).unwrap(), b"Dear Ada");
}

struct Shell {
    dir: PathBuf,
}

impl Shell {
    /// What the program prints; everything that it says names what this is.
    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(ran.status.success(), "{arguments:?}: {}", text(&ran.stderr));
        let said = text(&ran.stdout);
        assert!(said.to_lowercase().contains("mock"), "{said}");
        said
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status.code(), Some(1), "{arguments:?}");
        String::from_utf8_lossy(&ran.stderr).into_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mock-fleet"));
        program.arg("--dir").arg(&self.dir).args(arguments).output().unwrap()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // After a failure; otherwise there is none any more.
        let _ = self.run(&["remove"]);
    }
}
