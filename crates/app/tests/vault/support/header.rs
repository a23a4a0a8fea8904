//! What somebody who stores a backup can do with it.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Changes the parameters of every slot of a kind, in every copy of the header.
pub fn rewrite(backup: &str, kind: &str, change: impl Fn(&mut Value)) {
    let copies = headers(Path::new(backup));
    assert!(!copies.is_empty(), "no header in {backup}");
    for path in copies {
        let mut header: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let slots = header["slots"].as_array_mut().unwrap();
        let mut changed = 0;
        for slot in slots.iter_mut().filter(|slot| slot["kind"] == kind) {
            change(&mut slot["parameters"]);
            changed += 1;
        }
        assert!(changed > 0, "no {kind} slot in {}", path.display());
        std::fs::write(&path, serde_json::to_vec(&header).unwrap()).unwrap();
    }
}

fn headers(backup: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(backup).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("keepsake") && name.ends_with(".json")
    };
    files.filter(named).collect()
}

/// A copy of a backup as it is now.
pub fn copy_folder(from: &str, to: &str) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = std::path::Path::new(to).join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(entry.path().to_str().unwrap(), target.to_str().unwrap());
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
