//! A passkey on this computer, against a real keyring (gnome-keyring) and a fleet of real
//! processes.
//!
//! Needs a session bus and an unlocked keyring; `script/test` runs it in `script/desktop-session`.

#![allow(clippy::unwrap_used)]

#[path = "support/own_fleet.rs"]
mod fleet;

use fleet::Fleet;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const PIN: &str = "271828";

#[test]
#[ignore = "needs an unlocked keyring: script/desktop-session cargo nextest run --run-ignored all -E 'binary(keyring)'"]
fn a_passkey_on_this_computer_needs_its_keyring_and_its_pin() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::up(&dir.path().join("fleet"));
    let home = Home(dir.path().join("home"));

    // Without a keyring nothing is kept, and above all not in a file.
    let add = ["passkey", "add", "--on", "this-computer", "--fleet", &fleet.url];
    let refused = home.without_keyring(&add).refused();
    assert_eq!(refused["code"], "no_keyring", "{refused}");
    assert!(!home.0.join("passkeys/passkeys.sealed").exists());

    let added = home.with_pin(PIN, &add).succeeded();
    assert!(
        added["mock"] == true && added["passkey"]["mock"] == false,
        "the fleet is MOCK, this computer is not"
    );
    let id = added["passkey"]["id"].as_str().unwrap().to_string();
    assert!(in_keyring(&home), "its key is in the keyring");
    let sealed = std::fs::read(home.0.join("passkeys/passkeys.sealed")).unwrap();

    // The PIN opens it, another one costs a try, and the right one gives the tries back.
    let drill = ["vault", "drill", "--passkey", &id];
    home.with_pin(PIN, &drill).succeeded();
    let wrong = home.with_pin("000000", &drill).refused();
    assert_eq!((&wrong["code"], &wrong["tries_left"]), (&"wrong_pin".into(), &9.into()), "{wrong}");
    home.with_pin(PIN, &drill).succeeded();
    assert_eq!(home.without_keyring(&drill).refused()["code"], "no_keyring");

    // It is the only way in: nobody removes it by accident.
    let remove = ["passkey", "remove", &id];
    assert_eq!(home.with_pin(PIN, &remove).refused()["code"], "last_way_in");
    home.with_pin(PIN, &["passkey", "remove", &id, "--last-way-in"]).succeeded();
    let list = home.with_pin(PIN, &["passkey", "list"]).succeeded();
    assert_eq!(list["passkeys"], serde_json::json!([]), "{list}");
    // Whoever kept the sealed file has nothing that the fleet would answer to.
    std::fs::write(home.0.join("passkeys/passkeys.sealed"), sealed).unwrap();
    assert_eq!(home.with_pin(PIN, &drill).refused()["code"], "not_found");
}

#[test]
#[ignore = "needs an unlocked keyring: script/desktop-session cargo nextest run --run-ignored all -E 'binary(keyring)'"]
fn a_forgotten_pin_erases_what_is_kept_here_and_in_the_keyring() {
    let dir = tempfile::tempdir().unwrap();
    let fleet = Fleet::up(&dir.path().join("fleet"));
    let home = Home(dir.path().join("home"));
    let add = ["passkey", "add", "--on", "this-computer", "--fleet", &fleet.url];
    let id = home.with_pin(PIN, &add).succeeded()["passkey"]["id"].as_str().unwrap().to_string();
    let remove = ["passkey", "remove", &id, "--last-way-in"];
    assert_eq!(
        home.with_pin("000000", &remove).refused()["code"],
        "wrong_pin",
        "then nothing is removed anywhere"
    );
    assert!(in_keyring(&home));
    home.with_pin("", &["passkey", "remove", &id, "--last-way-in", "--forgotten-pin"]).succeeded();
    assert!(!in_keyring(&home));
    assert!(!home.0.join("passkeys/passkeys.sealed").exists());
    // The account is still this person's: a new PIN, a new passkey.
    let again = home.with_pin("314159", &add).succeeded();
    assert_eq!(again["account"].as_str().unwrap().len(), 32);
}

/// One person's computer with a keyring.
struct Home(PathBuf);

struct Ran {
    code: i32,
    json: Value,
    words: String,
}

impl Home {
    fn with_pin(&self, pin: &str, arguments: &[&str]) -> Ran {
        run(self.command(arguments).env("KEEPSAKE_PIN", pin))
    }

    /// On a computer without a session bus, so without a keyring service.
    fn without_keyring(&self, arguments: &[&str]) -> Ran {
        let nowhere = "unix:path=/nonexistent/bus";
        let mut command = self.command(arguments);
        run(command.env("KEEPSAKE_PIN", PIN).env("DBUS_SESSION_BUS_ADDRESS", nowhere))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let programs = Path::new(env!("CARGO_BIN_EXE_keepsake-desktop")).parent().unwrap();
        let mut command = Command::new(programs.join("keepsake"));
        command.args(arguments).arg("--json").arg("--home").arg(&self.0);
        // The home's own key is not what is tested here: in a file it opens without the keyring
        // too.
        command.env("KEEPSAKE_KEY_STORE", "file").env_remove("KEEPSAKE_FLEET_URL");
        command
    }
}

fn run(command: &mut Command) -> Ran {
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        json: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        words: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ran {
    #[track_caller]
    fn succeeded(self) -> Value {
        assert_eq!(self.code, 0, "{}\n{:#}", self.words, self.json);
        self.json
    }

    #[track_caller]
    fn refused(self) -> Value {
        assert_eq!(self.code, 1, "{}\n{:#}", self.words, self.json);
        self.json["error"].clone()
    }
}

/// Whether the keyring holds an entry for this home's passkeys, asked with the system's own tool.
fn in_keyring(home: &Home) -> bool {
    let file: Value =
        serde_json::from_slice(&std::fs::read(home.0.join("home.json")).unwrap()).unwrap();
    let name = format!("passkeys-{}", file["id"].as_str().unwrap());
    let mut tool = Command::new("secret-tool");
    let found = tool.args(["search", "--all", "username", &name]).output().unwrap();
    String::from_utf8_lossy(&[found.stdout, found.stderr].concat()).contains(&name)
}
