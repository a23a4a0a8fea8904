//! Which files chats were read from, by their SHA-256: whoever has an export can check that a chat
//! came from it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use chat_archive::ExportRead;
use sha2::{Digest, Sha256};

use crate::ImportError;
use crate::export_files::{ExportFiles, display_name};

/// Files that are named one by one: a chat of WhatsApp is one, a database has a few beside it.
/// More, as in a download of Facebook with a folder for each chat, are named together.
const MAX_NAMED: usize = 8;

/// Bytes hashed between two looks whether to stop: 4 MiB take some 10 ms.
const CHUNK: usize = 4 << 20;

/// The files of an export that was read. `go_on` fails when it should stop.
///
/// # Errors
/// [`ImportError::Io`]; what `go_on` returns.
pub(crate) fn of(
    files: &ExportFiles,
    go_on: &mut dyn FnMut() -> Result<(), ImportError>,
) -> Result<Vec<ExportRead>, ImportError> {
    let originals = files.originals();
    let mut all = Vec::new();
    for path in &originals {
        all.push(read(path, go_on)?);
    }
    if all.len() > MAX_NAMED { Ok(vec![together(files.path(), &originals, &all)]) } else { Ok(all) }
}

fn read(
    path: &Path,
    go_on: &mut dyn FnMut() -> Result<(), ImportError>,
) -> Result<ExportRead, ImportError> {
    let name = display_name(path);
    let mut file = File::open(path).map_err(ImportError::io(&name))?;
    let mut sum = Sha256::new();
    let mut bytes = 0;
    let mut chunk =
        vec![0; CHUNK.min(file.metadata().map_or(CHUNK, |data| data.len() as usize + 1))];
    loop {
        let n = file.read(&mut chunk).map_err(ImportError::io(&name))?;
        if n == 0 {
            return Ok(ExportRead { name, sha256: hex::encode(sum.finalize()), bytes });
        }
        sum.update(&chunk[..n]);
        bytes += n as u64;
        go_on()?;
    }
}

/// As one: the SHA-256 of the list that `sha256sum` prints for them in the export's folder.
fn together(folder: &Path, paths: &[PathBuf], all: &[ExportRead]) -> ExportRead {
    let mut list = Sha256::new();
    for (path, one) in paths.iter().zip(all) {
        let path = path.strip_prefix(folder).unwrap_or(path);
        list.update(format!("{}  {}\n", one.sha256, path.display()));
    }
    ExportRead {
        name: format!("{} files of {}", all.len(), display_name(folder)),
        sha256: hex::encode(list.finalize()),
        bytes: all.iter().map(|one| one.bytes).sum(),
    }
}
