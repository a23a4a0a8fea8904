//! A later log goes on where an earlier one ended.

use super::{LogHash, MAX_PROOF_HASHES};
use crate::Unreadable;
use crate::seen::SeenCheckpoint;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tlog_tiles::{Hash, Tile, TileHashReader, TileReader};

/// C2SP tlog-tiles: 256 hashes per full tile.
const TILE_HEIGHT: u8 = 8;
/// No log of fleets grows to a million million entries; the tile arithmetic is safe far beyond it.
const MAX_LOG_SIZE: u64 = 1 << 40;
const WHAT: &str = "consistency proof";

/// RFC 6962 section 2.1.2: a smaller tree is a prefix of a larger one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// From the lowest level up (RFC 6962 section 2.1.2).
    pub hashes: Vec<LogHash>,
}

impl ConsistencyProof {
    /// Builds the proof from published tiles, as [`consistency_tiles`] names them.
    ///
    /// # Errors
    /// A tile is missing, or the tiles do not belong to the tree `new`.
    pub fn from_tiles(
        old_size: u64,
        new: SeenCheckpoint,
        tiles: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Self, Unreadable> {
        if old_size == 0 || old_size >= new.size {
            return Ok(Self::default());
        }
        if new.size > MAX_LOG_SIZE {
            return Err(Unreadable::malformed(WHAT, "the log is too large"));
        }
        let published = Published { tiles, wanted: RefCell::default() };
        let reader = TileHashReader::new(new.size, Hash(new.root), &published);
        let hashes = tlog_tiles::prove_tree(new.size, old_size, &reader)
            .map_err(|e| Unreadable::malformed(WHAT, e))?;
        Ok(Self { hashes: hashes.into_iter().map(|h| h.0).collect() })
    }

    /// Verifies that `old` is a prefix of `new`. Trees of one size must have one root; the empty
    /// tree is a prefix of all.
    ///
    /// # Errors
    /// It is not, or the proof does not show it.
    pub fn verify(&self, old: SeenCheckpoint, new: SeenCheckpoint) -> Result<(), Unreadable> {
        let bad = |why: String| Unreadable::malformed(WHAT, why);
        if self.hashes.len() > MAX_PROOF_HASHES + 1 {
            return Err(bad("too many hashes".into()));
        }
        if old.size == new.size {
            return if old.root == new.root {
                Ok(())
            } else {
                Err(bad(format!("two different trees of size {}", old.size)))
            };
        }
        if old.size == 0 {
            return Ok(());
        }
        let path: Vec<Hash> = self.hashes.iter().copied().map(Hash).collect();
        tlog_tiles::check_tree(&path, new.size, Hash(new.root), old.size, Hash(old.root))
            .map_err(|e| bad(e.to_string()))
    }
}

/// Paths, below the auditor's URL, of the tiles that show whether a tree of `old_size` is a prefix
/// of `new`.
pub fn consistency_tiles(old_size: u64, new_size: u64) -> Vec<String> {
    if old_size == 0 || old_size >= new_size || new_size > MAX_LOG_SIZE {
        return Vec::new();
    }
    let none = BTreeMap::new();
    let published = Published { tiles: &none, wanted: RefCell::default() };
    // The reader names all the tiles it needs before it reads any, and then fails for want of them.
    let reader = TileHashReader::new(new_size, Hash::default(), &published);
    let _ = tlog_tiles::prove_tree(new_size, old_size, &reader);
    published.wanted.take()
}

/// The path of a tile in the C2SP layout, which has no height element: `tile/<L>/<N>[.p/<W>]`.
pub fn tile_path(tile: &Tile) -> String {
    let path = tile.path();
    let rest = path.strip_prefix(&format!("tile/{TILE_HEIGHT}/")).unwrap_or(&path);
    match rest.strip_prefix("data/") {
        Some(number) => format!("tile/entries/{number}"),
        None => format!("tile/{rest}"),
    }
}

struct Published<'a> {
    tiles: &'a BTreeMap<String, Vec<u8>>,
    wanted: RefCell<Vec<String>>,
}

impl TileReader for Published<'_> {
    fn height(&self) -> u8 {
        TILE_HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let paths: Vec<String> = tiles.iter().map(tile_path).collect();
        self.wanted.borrow_mut().extend(paths.iter().cloned());
        let missing = |p: &String| tlog_tiles::Error::InvalidInput(format!("tile {p} is missing"));
        paths.iter().map(|p| self.tiles.get(p).cloned().ok_or_else(|| missing(p))).collect()
    }

    fn save_tiles(&self, _tiles: &[Tile], _data: &[Vec<u8>]) {}
}
