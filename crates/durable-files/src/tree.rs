//! A folder with everything in it, read to limits.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};

/// How much a folder may hold to be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeLimits {
    pub files: usize,
    /// Bytes of one file.
    pub file: usize,
    /// Bytes of all files.
    pub total: usize,
    /// Parts of the longest path: 1 for files in the folder itself.
    pub depth: usize,
    pub hidden: Hidden,
}

/// What is done with files and folders whose names begin with a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// They are read as the others are.
    Read,
    /// They are no part of the folder: contents that a crash left unfinished, for one.
    Skip,
}

/// Why a folder is not read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A path within the folder, and a sentence about it.
    #[error("{path}: {why}")]
    Refused { path: String, why: String },
}

/// Reads every file of a folder and of those below it: path within it, with `/`, to content. Links
/// are not followed, for they could lead anywhere on this computer, and nothing but plain files is
/// opened.
///
/// # Errors
/// Over a limit, a link, no plain file, a name that is no text; or the file system's.
pub fn read_tree(root: &Path, limits: &TreeLimits) -> Result<BTreeMap<String, Vec<u8>>, TreeError> {
    let mut reading = Reading { limits, files: BTreeMap::new(), total: 0 };
    reading.folder(root, "", 1)?;
    Ok(reading.files)
}

struct Reading<'a> {
    limits: &'a TreeLimits,
    files: BTreeMap<String, Vec<u8>>,
    total: usize,
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), TreeError> {
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let entry = entry.map_err(at(folder))?;
            let name = name_of(&entry, prefix)?;
            if self.limits.hidden == Hidden::Skip && name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(at(&entry.path()))?;
            match (kind.is_dir(), kind.is_file()) {
                (true, _) if depth >= self.limits.depth => {
                    return refuse(path, "it lies too deep");
                }
                (true, _) => self.folder(&entry.path(), &format!("{path}/"), depth + 1)?,
                (_, true) => self.file(&entry.path(), path)?,
                _ => return refuse(path, "it is a link or no plain file"),
            }
        }
        Ok(())
    }

    fn file(&mut self, at: &Path, path: String) -> Result<(), TreeError> {
        if self.files.len() >= self.limits.files {
            let limit = self.limits.files;
            return refuse(path, &format!("it is one file too many, the limit is {limit}"));
        }
        let bytes = match read_plain(at, self.limits.file as u64) {
            Err(e) if e.kind() == io::ErrorKind::FileTooLarge => {
                return refuse(path, &format!("over the limit: {e}"));
            }
            read => read.map_err(self::at(at))?,
        };
        self.total += bytes.len();
        if self.total > self.limits.total {
            let limit = self.limits.total;
            return refuse(
                path,
                &format!("with it the folder has more than {limit} bytes, the limit"),
            );
        }
        self.files.insert(path, bytes);
        Ok(())
    }
}

fn name_of(entry: &DirEntry, prefix: &str) -> Result<String, TreeError> {
    entry.file_name().into_string().map_err(|name| TreeError::Refused {
        path: format!("{prefix}{}", name.to_string_lossy()),
        why: "its name is not text".into(),
    })
}

/// The name may have come to mean something else since it was listed.
fn read_plain(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_without_links(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    crate::read::read_to_limit(file, limit, &mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn open_without_links(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    // NONBLOCK: a pipe in a file's place would make the open wait for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_without_links(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn at(path: &Path) -> impl Fn(io::Error) -> TreeError + '_ {
    move |source| TreeError::Io { path: path.to_path_buf(), source }
}

fn refuse<T>(path: String, why: &str) -> Result<T, TreeError> {
    Err(TreeError::Refused { path, why: why.into() })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const LIMITS: TreeLimits =
        TreeLimits { files: 3, file: 8, total: 12, depth: 2, hidden: Hidden::Skip };

    fn read_with(change: impl Fn(&Path)) -> Result<BTreeMap<String, Vec<u8>>, TreeError> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("devices")).unwrap();
        fs::write(folder.path().join("devices/1"), b"{}").unwrap();
        change(folder.path());
        read_tree(folder.path(), &LIMITS)
    }

    fn refusal(change: impl Fn(&Path)) -> String {
        read_with(change).unwrap_err().to_string()
    }

    #[test]
    fn files_come_with_their_paths_and_hidden_ones_are_skipped() {
        let files = read_with(|folder| {
            fs::write(folder.join(".x.unfinished-1"), b"half").unwrap();
            fs::write(folder.join("a"), b"12345678").unwrap();
        });
        let files = files.unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["a", "devices/1"]);
        assert_eq!(files["a"], b"12345678");
    }

    #[test]
    fn each_limit_is_the_last_that_is_read() {
        let many =
            refusal(|f| ["a", "b", "c"].iter().for_each(|n| fs::write(f.join(n), b"").unwrap()));
        assert!(many.contains("too many"), "{many}");
        let long = refusal(|f| fs::write(f.join("a"), b"123456789").unwrap());
        assert!(long.contains("longer than 8 bytes"), "{long}");
        let total = refusal(|f| {
            fs::write(f.join("a"), b"12345678").unwrap();
            fs::write(f.join("b"), b"123").unwrap();
        });
        assert!(total.contains("more than 12 bytes"), "{total}");
        let deep = refusal(|f| fs::create_dir(f.join("devices/deep")).unwrap());
        assert!(deep.contains("too deep"), "{deep}");
    }

    #[test]
    fn nothing_but_plain_files_is_opened() {
        for target in ["/dev/zero", "/", "devices/1", "nowhere"] {
            let link = refusal(|f| symlink(target, f.join("link")).unwrap());
            assert!(link.contains("a link"), "{target}: {link}");
        }
        let pipe = refusal(|f| {
            let made = std::process::Command::new("mkfifo").arg(f.join("pipe")).status();
            assert!(made.unwrap().success());
        });
        assert!(pipe.contains("no plain file"), "{pipe}");
    }
}
