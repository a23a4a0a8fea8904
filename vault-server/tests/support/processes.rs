//! A MOCK fleet of three sites as processes of their own, by `script/fleet`: emulated devices, a real ceremony.

use super::Person;
use super::client::Transport;
use super::passkey_client::PasskeyClient;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vault_protocol::SignedBundle;

pub struct Processes(tempfile::TempDir);

impl Processes {
    pub fn up() -> Self {
        let fleet = Self(tempfile::tempdir().unwrap());
        fleet.script(&["up", "--sites", "3"]);
        fleet
    }

    pub fn client(&self) -> PasskeyClient {
        let signed = SignedBundle::from_json(&std::fs::read(self.dir().join("bundle.json")).unwrap()).unwrap();
        let transport = Transport::new(&self.dir().join("tls/ca.pem"), &signed.bundle);
        PasskeyClient { person: Person::new(), transport, bundle: signed.bundle }
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("fleet")
    }

    fn script(&self, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../script/fleet");
        let programs = Path::new(env!("CARGO_BIN_EXE_vault-server")).parent().unwrap();
        let mut command = Command::new(script);
        command.args(arguments).env("KEEPSAKE_FLEET_DIR", self.dir()).env("KEEPSAKE_BIN_DIR", programs);
        let log = std::fs::File::options().create(true).append(true).open(self.0.path().join("log")).unwrap();
        let status = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
        let said = || std::fs::read_to_string(self.0.path().join("log")).unwrap_or_default();
        assert!(status.success(), "script/fleet {arguments:?}: {}", said());
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.script(&["remove"]);
    }
}
