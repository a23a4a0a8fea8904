//! What somebody who stores a backup can do with it.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Changes the parameters of every slot of a kind, in every copy of the header.
pub(crate) fn rewrite(backup: &str, kind: &str, change: impl Fn(&mut Value)) {
    for path in headers(Path::new(backup)) {
        let mut header: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let slots = header["slots"].as_array_mut().unwrap();
        let mut changed = 0;
        for slot in slots.iter_mut().filter(|slot| slot["kind"] == kind) {
            change(&mut slot["parameters"]);
            changed += 1;
        }
        assert!(changed > 0, "no {kind} slot in {}", path.display());
        std::fs::write(&path, with_its_checksum(header)).unwrap();
    }
}

/// Anybody can make the checksum: it finds accidents, and is no proof.
fn with_its_checksum(mut header: Value) -> Vec<u8> {
    header.as_object_mut().unwrap().remove("checksum");
    let bare = serde_json_canonicalizer::to_vec(&header).unwrap();
    header["checksum"] = hex::encode(sealed_keys::digest(&bare)).into();
    serde_json::to_vec(&header).unwrap()
}

fn headers(backup: &Path) -> Vec<PathBuf> {
    ["keepsake.json", "copies/keepsake.json"].map(|name| backup.join(name)).into()
}

/// A copy of a backup as it is now.
pub(crate) fn copy_folder(from: &str, to: &str) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = Path::new(to).join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(entry.path().to_str().unwrap(), target.to_str().unwrap());
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
