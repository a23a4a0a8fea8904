//! Reads the evidence folder that an operator handed over. It may hold anything.

use crate::AuditError;
use durable_files::{Hidden, TreeError, TreeLimits, read_tree};
use fleet_evidence::folder::{EvidenceFolder, MAX_DEPTH, MAX_FILE, MAX_FILES, MAX_FOLDER};
use std::path::Path;

const LIMITS: TreeLimits = TreeLimits {
    files: MAX_FILES,
    file: MAX_FILE,
    total: MAX_FOLDER,
    depth: MAX_DEPTH,
    hidden: Hidden::Read,
};

/// Reads at most as many and as large files as an evidence folder may have; links and devices are
/// refused.
///
/// # Errors
/// [`AuditError::Malformed`] for what no evidence folder holds, [`AuditError::Io`] if it cannot be
/// read.
pub fn read_evidence_folder(root: &Path) -> Result<EvidenceFolder, AuditError> {
    read(root, Hidden::Read, AuditError::Malformed)
}

/// As [`read_evidence_folder`], of a folder of the auditor's own; a name with a dot in front is a
/// content that a crash left unfinished.
pub(crate) fn read_own_evidence_folder(root: &Path) -> Result<EvidenceFolder, AuditError> {
    read(root, Hidden::Skip, AuditError::Inconsistent)
}

fn read(
    root: &Path,
    hidden: Hidden,
    refusal: fn(String) -> AuditError,
) -> Result<EvidenceFolder, AuditError> {
    let files = read_tree(root, &TreeLimits { hidden, ..LIMITS }).map_err(|error| match error {
        TreeError::Io { path, source } => AuditError::Io { path, source },
        refused @ TreeError::Refused { .. } => refusal(format!("evidence folder: {refused}")),
    })?;
    EvidenceFolder::new(files).map_err(|e| refusal(e.to_string()))
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
