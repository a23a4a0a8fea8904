//! What this computer remembers of a fleet: its trust document, newest bundle and what was seen.

use crate::{AppError, NextStep, Result};
use durable_files::{Format, State, StateFile, read_if_there, write_private};
use fleet_evidence::{EpochChange, Seen, Trust, VerifiedBundle};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use vault_protocol::BundleId;

/// Far above a trust document (64 KiB), a bundle (64 KiB) and ten thousand remembered epochs.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// One of the files: its name alone says what it is.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Value<T>(T);

impl<T: Serialize + DeserializeOwned> State for Value<T> {
    const FORMAT: Format = Format::Untyped;
    const MAX_BYTES: u64 = MAX_FILE;
}

/// Changes that are kept for a person to read: a fleet changes a few times a year.
const MAX_CHANGES: usize = 64;

const EARLIER_BUNDLE: &str = "earlier-bundle.json";
const EARLIER_SEEN: &str = "earlier-seen.json";

/// What this computer concluded from the evidence of one bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EvidenceVerdict {
    pub bundle: BundleId,
    /// Checks that refused; none if it was good.
    pub failed: Vec<String>,
    pub sentence: String,
    /// Unix seconds.
    pub at: u64,
}

/// A change of the fleet that this computer noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NoticedChange {
    pub change: EpochChange,
    /// Unix seconds.
    pub at: u64,
}

/// One fleet's folder, named after its trust id.
#[derive(Clone)]
pub(crate) struct FleetMemory {
    dir: PathBuf,
}

impl FleetMemory {
    pub(crate) fn new(home: &Path, trust_id: &[u8; 32]) -> Self {
        Self { dir: home.join("fleets").join(hex::encode(trust_id)) }
    }

    pub(crate) fn trust(&self) -> Result<Option<Vec<u8>>> {
        self.read("trust.json")
    }

    pub(crate) fn bundle(&self) -> Result<Option<Vec<u8>>> {
        self.read("bundle.json")
    }

    pub(crate) fn seen(&self) -> Result<Option<Seen>> {
        self.value("seen.json")
    }

    /// Stores the bundle first: if the second write is lost, the next visit verifies it again.
    pub(crate) fn remember(&self, trust: &Trust, verified: &VerifiedBundle) -> Result<()> {
        self.write("trust.json", &json(trust.document()))?;
        self.write("bundle.json", &json(verified.signed()))?;
        self.write("seen.json", &json(&verified.seen()))
    }

    /// Before a newer bundle is remembered: the newest so far, with what was seen of it, stays
    /// beside it.
    pub(crate) fn keep_earlier(&self) -> Result<()> {
        for (from, to) in [("bundle.json", EARLIER_BUNDLE), ("seen.json", EARLIER_SEEN)] {
            if let Some(bytes) = self.read(from)? {
                self.write(to, &bytes)?;
            }
        }
        Ok(())
    }

    /// The bundle before the newest, with what had been seen when it was the newest.
    pub(crate) fn earlier(&self) -> Result<Option<(Vec<u8>, Seen)>> {
        Ok(self.read(EARLIER_BUNDLE)?.zip(self.value(EARLIER_SEEN)?))
    }

    pub(crate) fn evidence(&self) -> Result<Option<EvidenceVerdict>> {
        self.value("evidence.json")
    }

    pub(crate) fn remember_evidence(&self, verdict: &EvidenceVerdict) -> Result<()> {
        self.write("evidence.json", &json(verdict))
    }

    /// Oldest first.
    pub(crate) fn changes(&self) -> Result<Vec<NoticedChange>> {
        Ok(self.value("changes.json")?.unwrap_or_default())
    }

    /// Adds changes that were not noticed before.
    pub(crate) fn notice(&self, changes: &[EpochChange], at: u64) -> Result<()> {
        let mut noticed = self.changes()?;
        let known = noticed.last().map_or(0, |n| n.change.to_epoch);
        let fresh = changes.iter().filter(|c| c.to_epoch > known).cloned();
        noticed.extend(fresh.map(|change| NoticedChange { change, at }));
        noticed.drain(..noticed.len().saturating_sub(MAX_CHANGES));
        self.write("changes.json", &json(&noticed))
    }

    fn value<T: Serialize + DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let file: StateFile<Value<T>> = StateFile::at(self.dir.join(name));
        Ok(file.read().map_err(|e| self.damaged(&e))?.map(|value| value.0))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        read_if_there(&self.dir.join(name), MAX_FILE).map_err(|e| self.damaged(&e))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_private(&self.dir.join(name), bytes)
            .map_err(|e| AppError::disk("remembering the fleet", &e))
    }

    fn damaged(&self, why: &dyn std::fmt::Display) -> AppError {
        AppError::new(
            "damaged",
            format!(
                "What this computer remembers of the fleet cannot be read ({why}). It is in {}.",
                self.dir.display()
            ),
            "Your chats and backups are untouched.",
            NextStep::MoveFleetMemoryAway,
        )
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain data")
}
