//! Reads the evidence folder that an operator handed over. It may hold anything.

use crate::AuditError;
use fleet_evidence::folder::{EvidenceFolder, MAX_FILE, MAX_FILES};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// `devices/<serial>/<file>` is the deepest path; one more, to say what is wrong.
const MAX_DEPTH: usize = 4;

/// Reads at most as many and as large files as an evidence folder may have; links and devices are
/// refused.
///
/// # Errors
/// [`AuditError::Malformed`] for what no evidence folder holds, [`AuditError::Io`] if it cannot be
/// read.
pub fn read_evidence_folder(root: &Path) -> Result<EvidenceFolder, AuditError> {
    let mut files = BTreeMap::new();
    collect(root, "", 1, &mut files)?;
    EvidenceFolder::new(files).map_err(|e| AuditError::Malformed(e.to_string()))
}

fn collect(
    dir: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), AuditError> {
    let at = |source| AuditError::Io { path: dir.to_path_buf(), source };
    for entry in std::fs::read_dir(dir).map_err(at)? {
        let entry = entry.map_err(at)?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(at)?;
        let refuse =
            |why: &str| Err(AuditError::Malformed(format!("evidence folder: {name}: {why}")));
        match (kind.is_dir(), kind.is_file()) {
            (true, _) if depth == MAX_DEPTH => return refuse("it lies too deep"),
            (true, _) => collect(&path, &format!("{name}/"), depth + 1, files)?,
            (_, true) if files.len() == MAX_FILES => return refuse("it is one file too many"),
            (_, true) => drop(files.insert(name, read(&path)?)),
            _ => return refuse("it is a link or no plain file"),
        }
    }
    Ok(())
}

/// One byte more than is allowed, at most: whoever asked for the folder's limits then says so.
fn read(path: &Path) -> Result<Vec<u8>, AuditError> {
    let at = |source| AuditError::Io { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(at)?.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(at)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl Fn(&Path)) -> String {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("devices/1001")).unwrap();
        std::fs::write(dir.path().join("devices/1001/options.json"), b"{}").unwrap();
        assert_eq!(read_evidence_folder(dir.path()).unwrap().files().len(), 1);
        change(dir.path());
        read_evidence_folder(dir.path()).unwrap_err().to_string()
    }

    #[test]
    fn a_folder_that_no_fleet_publishes_is_refused_unread() {
        let link = |target: &'static str| {
            move |dir: &Path| std::os::unix::fs::symlink(target, dir.join("x")).unwrap()
        };
        assert!(refusal(link("/dev/zero")).contains("a link"));
        assert!(refusal(link("/")).contains("a link"));
        let deep = refusal(|dir| std::fs::create_dir_all(dir.join("a/b/c/d/e")).unwrap());
        assert!(deep.contains("too deep"), "{deep}");
        let large = refusal(|dir| std::fs::write(dir.join("x"), vec![0; MAX_FILE + 1]).unwrap());
        assert!(large.contains("limit"), "{large}");
        let many = refusal(|dir| {
            (0..MAX_FILES).for_each(|i| std::fs::write(dir.join(i.to_string()), b"").unwrap())
        });
        assert!(many.contains("too many"), "{many}");
    }
}
