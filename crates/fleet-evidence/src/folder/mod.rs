//! The evidence folder: names, formats and digests of its files (spec/evidence.md section 2).
//!
//! Writers fill these types, serialise the JSON ones with [`canonical`], and finish with
//! [`Manifest::build`].

mod archive;
mod device;
mod manifest;
mod new_epoch;
mod record;
mod request;
mod statement;

pub use crate::device_log::Head;
pub use archive::MAX_ARCHIVE;
pub use device::{AuditLog, BuildInfo, CommandAudit, DeviceInfo, ObjectEntry, Options};
pub use manifest::{MANIFEST_TYPE, Manifest, ManifestSite};
pub use new_epoch::{MAX_NEW_EPOCH, NEW_EPOCH, NewEpoch, RequestedStatement};
pub use record::{ANCHORS_TYPE, AnchorRecord, Anchors, DeviceAnchor};
pub use request::{
    AnchorRequest, AnchorsRequest, Challenge, ChallengeRequest, Challenges, FromOperator,
};
pub use statement::{DeviceStatement, Purpose, STATEMENTS_TYPE, Statements, statement_label};

use crate::{Unreadable, bounded};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vault_protocol::{Bundle, Signature64, labelled};

/// 7 devices with 10 files each and a few shared ones, rounded up.
pub const MAX_FILES: usize = 128;
/// The longest file is a transcript or an audit log (62 entries of 66 bytes), rounded far up.
pub const MAX_FILE: usize = 1 << 20;
/// The whole folder.
pub const MAX_FOLDER: usize = 16 << 20;
/// Parts of the longest path: `devices/<serial>/<file>`.
pub const MAX_DEPTH: usize = 3;

/// Covered by the bundle through its digest.
pub const MANIFEST: &str = "manifest.json";
/// Beside the manifest, not covered by it: signed by the auditor.
pub const ANCHORS: &str = "anchors.json";
/// Beside the manifest, not covered by it: signed by the devices, over the bundle that covers the
/// manifest.
pub const STATEMENTS: &str = "statements.json";
/// Beside the manifest: the signed bundle, for convenience.
pub const BUNDLE: &str = "bundle.json";
/// What the ceremony's program printed, for a person who reads along.
pub const TRANSCRIPT: &str = "transcript.txt";
/// Which software the sites run, and how it was built.
pub const BUILD: &str = "build.json";

/// Files that the manifest does not list, because they come after it.
pub const ATTACHED: [&str; 4] = [MANIFEST, ANCHORS, STATEMENTS, BUNDLE];

/// Names of one device's files.
pub mod device_file {
    /// Serial number, firmware and objects: [`DeviceInfo`].
    pub const INFO: &str = "device-info.json";
    /// Device certificate first, then intermediates; the root may follow.
    pub const CHAIN: &str = "device-chain.pem";
    /// Every object that is not a login.
    pub const OBJECTS: &str = "objects.json";
    /// The logins: a list of [`ObjectEntry`].
    pub const AUTH_KEYS: &str = "auth-keys.json";
    /// How the device is set: [`Options`].
    pub const OPTIONS: &str = "options.json";
    /// The log since the factory reset: [`AuditLog`].
    pub const AUDIT_LOG: &str = "audit-log.json";

    /// `devices/<serial>/<name>`.
    pub fn path(serial: u32, name: &str) -> String {
        format!("devices/{serial}/{name}")
    }

    /// `devices/<serial>/attestation-<id, 4 hex digits>.pem`.
    pub fn attestation(serial: u32, id: u16) -> String {
        path(serial, &format!("attestation-{id:04x}.pem"))
    }
}

/// The files of an evidence folder by their path within it. Nothing in them is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceFolder {
    files: BTreeMap<String, Vec<u8>>,
}

impl EvidenceFolder {
    /// Takes the files of a folder; paths are relative, with `/`.
    ///
    /// # Errors
    /// Too many or too large files, or a path that is not of the allowed form.
    pub fn new(files: BTreeMap<String, Vec<u8>>) -> Result<Self, Unreadable> {
        let bad = |why: String| Err(Unreadable::malformed("evidence folder", why));
        if files.len() > MAX_FILES {
            return bad(format!("{} files, the limit is {MAX_FILES}", files.len()));
        }
        for (path, bytes) in &files {
            bounded("file of the evidence", bytes, MAX_FILE)?;
            if !is_plain(path) {
                return bad(format!("{path:?} is not a plain relative path"));
            }
        }
        let total: usize = files.values().map(Vec::len).sum();
        if total > MAX_FOLDER {
            return bad(format!("{total} bytes, the limit is {MAX_FOLDER}"));
        }
        Ok(Self { files })
    }

    /// A file's bytes, by its path within the folder.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files by path.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// Reads one JSON file.
    ///
    /// # Errors
    /// The file is missing or not of its form.
    pub fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let bytes = self.get(path).ok_or_else(|| format!("{path} is missing"))?;
        serde_json::from_slice(bytes).map_err(|e| format!("{path}: {e}"))
    }
}

/// What an operator sends to the auditor to be signed: `POST /submit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// What is to be signed.
    pub bundle: Bundle,
    /// Path to base64 (RFC 4648 section 4) of each file.
    pub files: BTreeMap<String, String>,
    /// Ed25519 by the operator over [`Submission::message`], so that no stranger can take an epoch.
    pub operator_signature: Signature64,
}

impl Submission {
    /// What an operator sends: the bundle, the folder's files and its signature over both.
    pub fn new(bundle: Bundle, folder: &EvidenceFolder, operator_signature: Signature64) -> Self {
        use base64::Engine;
        let encode = |bytes: &Vec<u8>| base64::prelude::BASE64_STANDARD.encode(bytes);
        let files = folder.files.iter().map(|(p, b)| (p.clone(), encode(b))).collect();
        Self { bundle, files, operator_signature }
    }

    /// What the operator signs to ask for the auditor's signature.
    pub fn message(bundle: &Bundle) -> Vec<u8> {
        labelled("operator-submission", &[&bundle.id().0])
    }

    /// The evidence folder within.
    ///
    /// # Errors
    /// Not base64, or over a limit.
    pub fn folder(&self) -> Result<EvidenceFolder, Unreadable> {
        use base64::Engine;
        let decode = |(path, text): (&String, &String)| {
            let bytes = base64::prelude::BASE64_STANDARD.decode(text);
            bytes
                .map(|b| (path.clone(), b))
                .map_err(|e| Unreadable::malformed("submission", format!("{path}: {e}")))
        };
        EvidenceFolder::new(self.files.iter().map(decode).collect::<Result<_, _>>()?)
    }
}

/// RFC 8785 (JCS) bytes of a JSON file of the folder.
pub fn canonical<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value)
        .expect("these types have only strings, integers, lists and maps")
}

fn is_plain(path: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty()
            && p.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            && !p.starts_with('.')
    };
    path.len() <= 128 && path.split('/').all(part)
}
