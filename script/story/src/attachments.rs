//! Attachments byte for byte: what came back against the files of the export.

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

pub(crate) type Hash = [u8; 32];

/// SHA-256 of every file of an export: in a zip, below a folder, or beside a text file.
pub(crate) fn of_export(path: &Path) -> Result<BTreeSet<Hash>> {
    if path.is_dir() {
        return of_folder(path);
    }
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
        return of_zip(path);
    }
    of_folder(path.parent().context("a file is in a folder")?)
}

/// SHA-256 of every file below `folder`.
pub(crate) fn of_folder(folder: &Path) -> Result<BTreeSet<Hash>> {
    let mut hashes = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no folder {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            hashes.extend(of_folder(&path)?);
        } else if path.is_file() {
            hashes.insert(hash(&mut File::open(&path)?)?);
        }
    }
    Ok(hashes)
}

fn of_zip(path: &Path) -> Result<BTreeSet<Hash>> {
    let mut zip = zip::ZipArchive::new(File::open(path)?)?;
    (0..zip.len()).map(|n| hash(&mut zip.by_index(n)?)).collect()
}

/// Every file that came back is one of the export's, and as many came back as were known before.
pub(crate) fn all_came_back(
    exported: &BTreeSet<Hash>,
    back: &BTreeSet<Hash>,
    known: usize,
) -> Result<()> {
    let strange = back.difference(exported).count();
    ensure!(strange == 0, "{strange} of {} attachments are no file of the export", back.len());
    ensure!(back.len() == known, "{} attachments came back, {known} were there before", back.len());
    Ok(())
}

fn hash(content: &mut impl io::Read) -> Result<Hash> {
    let mut hasher = Sha256::new();
    io::copy(content, &mut hasher)?;
    Ok(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_lost_and_a_strange_attachment_are_found() {
        let (a, b, c) = ([1; 32], [2; 32], [3; 32]);
        let exported = BTreeSet::from([a, b]);
        assert!(all_came_back(&exported, &BTreeSet::from([a, b]), 2).is_ok());
        assert!(all_came_back(&exported, &BTreeSet::from([a]), 2).is_err());
        assert!(all_came_back(&exported, &BTreeSet::from([a, c]), 2).is_err());
    }
}
