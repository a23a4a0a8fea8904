//! The evidence folder as one file: a ustar archive of regular files and nothing else.

use super::{EvidenceFolder, MAX_FILE, MAX_FILES, MAX_FOLDER};
use crate::{Unreadable, bounded};
use std::collections::BTreeMap;
use std::io::Read;
use tar::{Archive, Builder, Entry, EntryType, Header};

/// tar works in blocks of 512 bytes.
const BLOCK: usize = 512;
/// Folders that a common archiver lists as entries of their own: at most one per file.
const MAX_ENTRIES: usize = 2 * MAX_FILES;
/// All contents, a header and padding for every entry, and the end, which archivers round up to 20
/// blocks.
pub const MAX_ARCHIVE: usize = MAX_FOLDER + MAX_ENTRIES * 2 * BLOCK + 20 * BLOCK;

const WHAT: &str = "tar archive of evidence";

impl EvidenceFolder {
    /// The same bytes for the same files, whoever writes them: sorted by path, no owner, no time.
    ///
    /// # Errors
    /// A path has a part that is too long for ustar (100 characters).
    pub fn to_tar(&self) -> Result<Vec<u8>, Unreadable> {
        let mut builder = Builder::new(Vec::new());
        for (path, bytes) in self.files() {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            header.set_size(bytes.len() as u64);
            header.set_path(path).map_err(malformed)?;
            header.set_cksum();
            builder.append(&header, bytes.as_slice()).map_err(malformed)?;
        }
        builder.into_inner().map_err(malformed)
    }

    /// Reads an archive in memory; nothing is written to a disk. Folders are passed over, for paths
    /// name them anyway.
    ///
    /// # Errors
    /// Not a tar archive, over a limit, a path twice or not of the allowed form, or an entry that
    /// is neither a regular file nor a folder (links, devices, extensions of tar).
    pub fn from_tar(bytes: &[u8]) -> Result<Self, Unreadable> {
        bounded(WHAT, bytes, MAX_ARCHIVE)?;
        let mut archive = Archive::new(bytes);
        let mut files = BTreeMap::new();
        // Raw: an extension that renames or resizes the next entry shows up as an entry, and is
        // refused.
        for (count, entry) in archive.entries().map_err(damaged)?.raw(true).enumerate() {
            if count >= MAX_ENTRIES {
                return Err(Unreadable::malformed(
                    WHAT,
                    format!("more than {MAX_ENTRIES} entries"),
                ));
            }
            let mut entry = entry.map_err(damaged)?;
            match entry.header().entry_type() {
                EntryType::Directory if entry.size() == 0 => {}
                EntryType::Regular => add(&mut files, &mut entry)?,
                other => {
                    return Err(Unreadable::malformed(WHAT, format!("an entry of kind {other:?}")));
                }
            }
        }
        if files.is_empty() {
            return Err(Unreadable::malformed(WHAT, "it holds no file"));
        }
        Self::new(files)
    }
}

fn add(
    files: &mut BTreeMap<String, Vec<u8>>,
    entry: &mut Entry<'_, &[u8]>,
) -> Result<(), Unreadable> {
    let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(malformed)?;
    // `tar -C folder .` puts this before every path.
    let path = path.strip_prefix("./").unwrap_or(&path).to_string();
    let size = entry.size();
    if size > MAX_FILE as u64 {
        return Err(Unreadable::malformed(
            WHAT,
            format!("{path:?} has {size} bytes, the limit is {MAX_FILE}"),
        ));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(damaged)?;
    if bytes.len() as u64 != size {
        return Err(Unreadable::malformed(WHAT, format!("{path:?} is cut off")));
    }
    if files.insert(path.clone(), bytes).is_some() {
        return Err(Unreadable::malformed(WHAT, format!("{path:?} is there twice")));
    }
    Ok(())
}

fn malformed(why: impl ToString) -> Unreadable {
    Unreadable::malformed(WHAT, why)
}

/// The library's own words repeat bytes of the file, which may be anything.
fn damaged<E>(_: E) -> Unreadable {
    Unreadable::malformed(WHAT, "an entry is damaged or cut off")
}
