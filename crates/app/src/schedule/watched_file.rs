//! `watched-folders.json`: folders that are looked through for new exports, what was in them
//! already, and what is offered.

use crate::home::lock_file;
use crate::model::{Offer, Watched, WatchedFolder};
use crate::{AppError, Keepsake, NextStep, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

const FILE: &str = "watched-folders.json";
const LOCK: &str = "watched-folders.lock";
const TYPE: &str = "keepsake/watched-folders/v1";

pub(super) const MAX_FOLDERS: usize = 20;

/// Entries of a folder that are looked at; of a larger one, what is beyond them is not seen.
const MAX_ENTRIES: usize = 2_000;

/// Each entry has a name of at most 255 bytes, some 60 more as JSON.
const MAX_FILE: u64 = (MAX_FOLDERS * MAX_ENTRIES * 320) as u64 + 1024 * 1024;

/// Offers that are kept; older ones go.
const MAX_OFFERS: usize = 50;

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct Folder {
    pub path: String,
    pub by_itself: bool,
    /// What was there when it was looked at last, by its name.
    pub seen: BTreeMap<String, Mark>,
}

/// Tells a file from another of the same name.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct Mark {
    pub size: u64,
    /// Unix seconds.
    pub modified: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct WatchedFile {
    #[serde(rename = "type")]
    kind: String,
    pub folders: Vec<Folder>,
    pub offers: Vec<Offer>,
}

impl WatchedFile {
    /// An offer of the same path is replaced: its file is another now.
    pub(super) fn offer(&mut self, offer: Offer) {
        self.offers.retain(|earlier| earlier.path != offer.path);
        self.offers.push(offer);
        let too_many = self.offers.len().saturating_sub(MAX_OFFERS);
        self.offers.drain(..too_many);
    }

    pub(super) fn shown(&self) -> Watched {
        let folder = |f: &Folder| WatchedFolder { path: f.path.clone(), by_itself: f.by_itself };
        let there = |offer: &&Offer| Path::new(&offer.path).exists();
        Watched {
            folders: self.folders.iter().map(folder).collect(),
            offers: self.offers.iter().filter(there).cloned().collect(),
        }
    }
}

impl Keepsake {
    pub(super) fn watched(&self) -> Result<WatchedFile> {
        let damaged =
            |e: &dyn std::fmt::Display| AppError::damaged(FILE, e, NextStep::MoveWatchedAway);
        let Some(bytes) = self.read(FILE, MAX_FILE)? else { return Ok(WatchedFile::default()) };
        let file: WatchedFile = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if file.kind == TYPE { Ok(file) } else { Err(damaged(&"unknown type")) }
    }

    /// Changes the file; nobody else changes it meanwhile.
    pub(super) fn change_watched(
        &self,
        change: impl FnOnce(&mut WatchedFile) -> Result<()>,
    ) -> Result<Watched> {
        let refused = |e: std::io::Error| AppError::disk("writing watched-folders.json", &e);
        let lock = lock_file(&self.path(LOCK)).map_err(refused)?;
        lock.lock().map_err(refused)?;
        let mut file = self.watched()?;
        let before = file.clone();
        change(&mut file)?;
        if file != before {
            file.kind = TYPE.into();
            self.write(FILE, &serde_json::to_vec(&file).expect("plain data"))?;
        }
        Ok(file.shown())
    }
}

/// What is in a folder now.
pub(super) fn entries(folder: &Path) -> BTreeMap<String, Mark> {
    let all = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_ENTRIES);
    let marked = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let meta = entry.metadata().ok()?;
        let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let size = if meta.is_dir() { 0 } else { meta.len() };
        Some((name, Mark { size, modified }))
    };
    all.filter_map(marked).collect()
}
