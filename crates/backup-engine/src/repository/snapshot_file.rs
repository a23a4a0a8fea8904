//! A snapshot's file.

use crate::format::{Manifest, SnapshotName};

/// It, opened.
pub(crate) struct SnapshotFile {
    pub name: SnapshotName,
    pub bytes: Vec<u8>,
    pub manifest: Manifest,
    pub hash: [u8; 32],
}
