//! Runs the real `keepsake` in a folder of its own.
#![allow(clippy::unwrap_used, dead_code)]

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) struct Computer {
    pub dir: tempfile::TempDir,
}

pub(crate) struct Ran {
    pub code: i32,
    pub json: Value,
    pub stderr: String,
}

impl Computer {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_string()
    }

    /// Runs with `--json` and the home `home`.
    pub(crate) fn keepsake(&self, arguments: &[&str]) -> Ran {
        self.keepsake_at("home", arguments, &[])
    }

    pub(crate) fn keepsake_at(
        &self,
        home: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Ran {
        let mut command = self.command(home, arguments);
        Ran::from(command.envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap())
    }

    /// With `typed` and a line break on standard input.
    pub(crate) fn keepsake_typing(&self, home: &str, arguments: &[&str], typed: &str) -> Ran {
        let mut command = self.command(home, arguments);
        let mut running = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(running.stdin.take().unwrap(), "{typed}").unwrap();
        Ran::from(running.wait_with_output().unwrap())
    }

    fn command(&self, home: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keepsake"));
        command
            .args(arguments)
            .args(["--json", "--home", &self.text(home)])
            .env("KEEPSAKE_KEY_STORE", "file")
            .env_remove("KEEPSAKE_RECOVERY_CODE")
            .env_remove("KEEPSAKE_OFFLINE_KEY")
            .env_remove("KEEPSAKE_EXPORT_KEY")
            .env_remove("KEEPSAKE_FLEET_URL");
        command
    }

    /// A WhatsApp export of two messages with one photo, as a folder.
    pub(crate) fn export(&self) -> String {
        let dir = self.path("WhatsApp Chat with Mira");
        std::fs::create_dir_all(&dir).unwrap();
        let chat = "23/11/2026, 09:15 - Mira: Look at this\n23/11/2026, 09:16 - Jonas: IMG-0001.jpg (file attached)\nnice, isn't it\n";
        std::fs::write(dir.join("WhatsApp Chat with Mira.txt"), chat).unwrap();
        std::fs::write(dir.join("IMG-0001.jpg"), b"not really a photo, but its bytes count")
            .unwrap();
        dir.to_str().unwrap().to_string()
    }

    /// Imports [`Computer::export`] and backs it up to `backup`.
    pub(crate) fn backed_up(&self) -> String {
        let repo = self.text("backup");
        self.keepsake(&["source", "import", &self.export()]).succeeded();
        self.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
        repo
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            json: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn succeeded(self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.json
    }

    /// Exit 1, this code in the JSON, and a reason on standard error.
    #[track_caller]
    pub(crate) fn refused(self, code: &str) -> String {
        assert_eq!(self.code, 1, "{}", self.stderr);
        assert_eq!(self.json["error"]["code"], code, "{}", self.stderr);
        assert!(self.stderr.contains("error: "), "{}", self.stderr);
        self.stderr
    }
}

/// Flips one bit in the middle of every file below `dir` whose path holds `part`; returns how many.
pub(crate) fn flip_a_bit(dir: &Path, part: &str) -> usize {
    let mut flipped = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            flipped += flip_a_bit(&path, part);
        } else if path.to_str().unwrap().contains(part) {
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            flipped += 1;
        }
    }
    flipped
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
