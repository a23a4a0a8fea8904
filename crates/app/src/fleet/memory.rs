//! What this computer remembers of a fleet: its trust document, newest bundle and what was seen.

use crate::files::{read_bounded, write_private};
use crate::{AppError, Result};
use fleet_evidence::{Seen, Trust, VerifiedBundle};
use std::path::{Path, PathBuf};

/// Far above a trust document (64 KiB), a bundle (64 KiB) and ten thousand remembered epochs.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// One fleet's folder, named after its trust id.
pub(crate) struct FleetMemory {
    dir: PathBuf,
}

impl FleetMemory {
    pub fn new(home: &Path, trust_id: &[u8; 32]) -> Self {
        Self { dir: home.join("fleets").join(hex::encode(trust_id)) }
    }

    pub fn trust(&self) -> Result<Option<Vec<u8>>> {
        self.read("trust.json")
    }

    pub fn bundle(&self) -> Result<Option<Vec<u8>>> {
        self.read("bundle.json")
    }

    pub fn seen(&self) -> Result<Option<Seen>> {
        let Some(bytes) = self.read("seen.json")? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| self.damaged(&e))
    }

    /// Stores the bundle first: if the second write is lost, the next visit verifies it again.
    pub fn remember(&self, trust: &Trust, verified: &VerifiedBundle) -> Result<()> {
        self.write("trust.json", &json(trust.document()))?;
        self.write("bundle.json", &json(verified.signed()))?;
        self.write("seen.json", &json(&verified.seen()))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        read_bounded(&self.dir.join(name), MAX_FILE).map_err(|e| self.damaged(&e))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_private(&self.dir.join(name), bytes).map_err(|e| AppError::disk("remembering the fleet", &e))
    }

    fn damaged(&self, why: &dyn std::fmt::Display) -> AppError {
        AppError::new(
            "damaged",
            format!("What this computer remembers of the fleet cannot be read ({why})."),
            "Your chats and backups are untouched.",
            &format!("Move the folder {} away and verify the fleet again.", self.dir.display()),
        )
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain data")
}
