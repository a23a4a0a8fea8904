//! The folder of one ceremony. What is secret in it has mode 0600; nothing secret is in the journal
//! or the transcript.
//!
//! ```text
//! journal.json         which plan, and how each device's log began
//! challenges.json      from the auditor, before the reset
//! anchor-request.json  for the auditor, after the reset; anchor-arguments.txt says the same
//! transcript.txt       every step with its time
//! log/<serial>.bin     raw audit-log entries
//! devices/<serial>/    certificates, inventory, options, as they were read
//! sites/<index>/       for the site's machine: device.json, device-chain.pem, and hsm-auth.key,
//!                      statement-auth.key (secret until the site's first start, which replaces
//!                      them in the device)
//! evidence/            what is published; anchors.json goes in here
//! bundle.json          the unsigned bundle
//! ```

use crate::error::OperatorError;
use crate::files;
use durable_files::{Readers, write_whole};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use vault_protocol::SiteIndex;

/// Paths within a ceremony's folder.
#[derive(Clone, Debug)]
pub struct OutFolder(PathBuf);

/// What must be remembered beside the devices' own logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    /// Digest of the plan; a changed plan is another ceremony.
    pub plan: String,
    /// By serial, once a device was reset.
    pub devices: BTreeMap<u32, DeviceRecord>,
}

/// How a device looked after its reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceRecord {
    pub firmware: String,
    /// Digest of the reset line.
    #[serde(with = "hex::serde")]
    pub anchor: [u8; 16],
}

impl OutFolder {
    /// Nothing is made yet.
    pub fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `journal.json`: which plan it is, and how each device's log began.
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.json")
    }

    /// `challenges.json`: from the auditor.
    pub fn challenges(&self) -> PathBuf {
        self.0.join("challenges.json")
    }

    /// `anchor-request.json`: for the auditor.
    pub fn anchor_request(&self) -> PathBuf {
        self.0.join("anchor-request.json")
    }

    /// The same, one `serial:challenge:anchor` in a line, for `auditor anchor --device`.
    pub fn anchor_arguments(&self) -> PathBuf {
        self.0.join("anchor-arguments.txt")
    }

    /// `transcript.txt`: every step with its time.
    pub fn transcript(&self) -> PathBuf {
        self.0.join("transcript.txt")
    }

    /// Raw entries of a device's log.
    pub fn log(&self, serial: u32) -> PathBuf {
        self.0.join("log").join(format!("{serial}.bin"))
    }

    fn device(&self, serial: u32, name: &str) -> PathBuf {
        self.0.join("devices").join(serial.to_string()).join(name)
    }

    /// The device's own certificate.
    pub fn factory_certificate(&self, serial: u32) -> PathBuf {
        self.device(serial, "factory-certificate.der")
    }

    /// Everything that the device holds once the default login is gone.
    pub fn inventory(&self, serial: u32) -> PathBuf {
        self.device(serial, "inventory.json")
    }

    /// How a device is set.
    pub fn options(&self, serial: u32) -> PathBuf {
        self.device(serial, "options.json")
    }

    /// The certificate of one key.
    pub fn attestation(&self, serial: u32, key: u16) -> PathBuf {
        self.device(serial, &format!("attestation-{key:04x}.der"))
    }

    /// A file for the site's computer.
    pub fn site(&self, index: SiteIndex, name: &str) -> PathBuf {
        self.0.join("sites").join(index.to_string()).join(name)
    }

    /// What is published.
    pub fn evidence(&self) -> PathBuf {
        self.0.join("evidence")
    }

    /// The bundle before anybody signed it.
    pub fn bundle(&self) -> PathBuf {
        self.0.join("bundle.json")
    }

    /// Writes a file that anyone may read.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), OperatorError> {
        write_whole(path, bytes, Readers::Everyone).map_err(OperatorError::io(path))
    }

    /// As [`Self::write`], indented JSON.
    pub fn write_json<T: Serialize>(&self, path: &Path, value: &T) -> Result<(), OperatorError> {
        let bytes = serde_json::to_vec_pretty(value).expect("plain data");
        self.write(path, &bytes)
    }

    /// Reads JSON; `None` if there is no such file.
    pub fn read_json<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, OperatorError> {
        let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
        let value = serde_json::from_slice(&bytes);
        value.map(Some).map_err(|e| OperatorError::Folder(format!("{}: {e}", path.display())))
    }

    /// Adds a line with the time to the transcript.
    pub fn note(&self, line: &str) -> Result<(), OperatorError> {
        let path = self.transcript();
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(OperatorError::io(&path))?;
        writeln!(file, "{}  {line}", now_text()).map_err(OperatorError::io(&path))
    }
}

fn now_text() -> String {
    let now = time::OffsetDateTime::now_utc().replace_nanosecond(0).expect("zero is in range");
    now.format(&time::format_description::well_known::Rfc3339)
        .expect("a date within four-digit years")
}
