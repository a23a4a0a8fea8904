//! Backups that run by themselves, and the units that start them: with a stand-in for systemctl,
//! since a test has no systemd of its own.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};
use support::{Computer, Ran};

/// A computer with a `systemctl` that writes down what it is asked, and ends as `code` says.
struct WithSystemd {
    computer: Computer,
}

impl WithSystemd {
    fn ending(code: u8) -> Self {
        let computer = Computer::new();
        let program = computer.path("bin/systemctl");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        let asked = computer.text("asked");
        let text = format!("#!/bin/sh\necho \"$*\" >> '{asked}'\necho 'no bus' >&2\nexit {code}\n");
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { computer }
    }

    fn keepsake(&self, arguments: &[&str]) -> Ran {
        let path = format!("{}:/usr/bin:/bin", self.computer.text("bin"));
        let config = self.computer.text("config");
        let environment = [("PATH", path.as_str()), ("XDG_CONFIG_HOME", config.as_str())];
        self.computer.keepsake_at("home", arguments, &environment)
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.computer.path("asked")).unwrap_or_default()
    }

    fn units(&self) -> Vec<String> {
        let folder = self.computer.path("config/systemd/user");
        let all = fs::read_dir(folder).into_iter().flatten().flatten();
        all.map(|unit| fs::read_to_string(unit.path()).unwrap()).collect()
    }
}

#[test]
fn the_background_mode_is_off_until_somebody_says_yes_and_off_again_afterwards() {
    let with = WithSystemd::ending(0);
    let status = with.keepsake(&["background", "status"]).succeeded();
    assert_eq!((&status["is_on"], &status["every"]), (&false.into(), &"day".into()));
    assert_eq!((with.units().len(), with.asked().as_str()), (0, ""));

    let on = with.keepsake(&["background", "enable"]).succeeded();
    assert_eq!((&on["is_on"], &on["by"]), (&true.into(), &"systemd".into()));
    let units = with.units().join("\n");
    let run = format!(r#""background" "run" "--quiet" "--home" "{}""#, with.computer.text("home"));
    assert!(units.contains(&run), "{units}");
    let program = fs::canonicalize(env!("CARGO_BIN_EXE_keepsake")).unwrap();
    assert!(units.contains(program.to_str().unwrap()), "{units}");
    assert!(with.asked().contains("--user enable --now keepsake-backup-"), "{}", with.asked());

    let off = with.keepsake(&["background", "disable"]).succeeded();
    assert_eq!((&off["is_on"], &off["is_broken"]), (&false.into(), &false.into()));
    assert_eq!(with.units().len(), 0);
    assert!(with.asked().contains("--user disable --now keepsake-backup-"), "{}", with.asked());
    let log = with.keepsake(&["background", "log"]).succeeded().to_string();
    assert!(log.contains("turned on") && log.contains("turned off"), "{log}");
}

#[test]
fn a_system_that_does_not_start_it_is_said_and_leaves_nothing_behind() {
    let with = WithSystemd::ending(1);
    let refused = with.keepsake(&["background", "enable"]).refused("no_background");
    assert!(refused.contains("no bus") && refused.contains("off, as before"), "{refused}");
    assert_eq!(with.units().len(), 0);
    assert_eq!(with.keepsake(&["background", "status"]).succeeded()["is_broken"], false);
}

#[test]
fn a_run_backs_up_what_is_new_and_asks_nobody() {
    let computer = Computer::new();
    let run = |computer: &Computer| computer.keepsake(&["background", "run"]).succeeded();
    computer.keepsake(&["status"]).succeeded();
    assert_eq!(run(&computer)["places"].as_array().unwrap().len(), 0);
    let repo = computer.backed_up();
    assert_eq!(run(&computer)["places"][0]["result"], "nothing_new");

    let more = computer.path("WhatsApp Chat with Noor.txt");
    fs::write(&more, "13/02/2026, 10:00 - Noor: hello\n").unwrap();
    computer.keepsake(&["source", "import", more.to_str().unwrap()]).succeeded();
    assert_eq!(run(&computer)["places"][0]["result"], "not_yet");
    computer.keepsake(&["background", "schedule", "off"]).succeeded();
    assert_eq!(run(&computer)["places"][0]["result"], "off");
    computer.keepsake(&["background", "schedule", "change"]).succeeded();
    assert_eq!(run(&computer)["places"][0]["result"], "waits_for_rest", "it was imported just now");
    leave_alone_for_an_hour(&computer);
    let made = run(&computer);
    assert_eq!(made["places"][0]["report"]["new_messages"], 1, "{made}");
    assert_eq!(run(&computer)["places"][0]["result"], "nothing_new");

    fs::write(&more, "13/02/2026, 10:00 - Noor: hello\n13/02/2026, 10:01 - Noor: again\n").unwrap();
    computer.keepsake(&["source", "import", more.to_str().unwrap()]).succeeded();
    leave_alone_for_an_hour(&computer);
    fs::remove_dir_all(&repo).unwrap();
    assert_eq!(run(&computer)["places"][0]["result"], "waits_for_place");
    assert!(!fs::exists(&repo).unwrap(), "nothing is made where a disk was");
}

/// As if the last import had been an hour ago.
fn leave_alone_for_an_hour(computer: &Computer) {
    let database = fs::File::options().append(true).open(computer.path("home/archive/archive.db"));
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    database.unwrap().set_modified(hour_ago).unwrap();
}

#[test]
fn a_backup_that_fails_ends_the_run_with_a_reason_and_what_to_do() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    computer.keepsake(&["background", "schedule", "change"]).succeeded();
    let more = computer.path("WhatsApp Chat with Noor.txt");
    fs::write(&more, "13/02/2026, 10:00 - Noor: hello\n").unwrap();
    computer.keepsake(&["source", "import", more.to_str().unwrap()]).succeeded();
    leave_alone_for_an_hour(&computer);
    fs::remove_dir_all(&repo).unwrap();
    fs::create_dir(&repo).unwrap();
    computer.keepsake(&["background", "run", "--quiet"]).refused("not_a_backup");
    let log = computer.keepsake(&["background", "log"]).succeeded().to_string();
    assert!(log.contains("place 1 (folder): the backup failed (not_a_backup)"), "{log}");
    let log = computer.path("home/background.log");
    assert_eq!(fs::metadata(log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_home_that_cannot_be_read_says_so_and_a_quiet_one_says_nothing_else() {
    let computer = Computer::new();
    let quiet = computer.keepsake(&["background", "run", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    assert!(!computer.path("home").exists(), "a home is made by a person");
    computer.keepsake(&["status"]).succeeded();
    fs::write(computer.path("home/schedule.json"), "{").unwrap();
    let refused = computer.keepsake(&["background", "run", "--quiet"]).refused("damaged");
    assert!(refused.contains("keepsake background schedule daily"), "{refused}");
    computer.keepsake(&["background", "schedule", "daily"]).succeeded();
    computer.keepsake(&["background", "run", "--quiet"]).succeeded();
}

#[test]
fn a_new_export_in_a_watched_folder_is_offered_or_imported_as_the_person_said() {
    let computer = Computer::new();
    let folder = computer.path("Downloads");
    fs::create_dir(&folder).unwrap();
    let export = |name: &str| {
        let path = folder.join(format!("WhatsApp Chat with {name}.txt"));
        fs::write(&path, format!("13/02/2026, 10:00 - {name}: hello\n")).unwrap();
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().append(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
    };
    let run = || computer.keepsake(&["background", "run"]).succeeded()["exports"].clone();
    let downloads = computer.text("Downloads");

    export("Old");
    let watch = ["background", "watch", "--folder", &downloads];
    computer.keepsake(&watch).succeeded();
    assert_eq!(run()["offered"], 0, "what was there before is not new");

    export("Mira");
    fs::write(folder.join("notes.txt"), "milk, bread\n").unwrap();
    assert_eq!(run()["offered"], 1);
    assert_eq!(run()["offered"], 0, "nothing is offered twice");
    let offers =
        computer.keepsake(&["background", "status"]).succeeded()["watched"]["offers"].clone();
    assert_eq!(offers.as_array().unwrap().len(), 1, "{offers}");
    assert!(offers[0]["path"].as_str().unwrap().ends_with("with Mira.txt"), "{offers}");
    assert_eq!(computer.keepsake(&["chats", "list"]).succeeded().as_array().unwrap().len(), 0);

    computer.keepsake(&[&watch[..], &["--import"]].concat()).succeeded();
    export("Noor");
    assert_eq!(run()["messages"], 1);
    let chats = computer.keepsake(&["chats", "list"]).succeeded();
    assert_eq!(chats.as_array().unwrap().len(), 1, "{chats}");

    computer.keepsake(&["background", "unwatch", "--folder", &downloads]).succeeded();
    let status = computer.keepsake(&["background", "status"]).succeeded();
    assert_eq!(status["watched"]["folders"].as_array().unwrap().len(), 0);
    computer.keepsake(&["background", "watch", "--folder", "/nowhere"]).refused("not_a_folder");
}
