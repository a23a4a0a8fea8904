//! What whoever stores a backup can do with it: copy it, and write into its header.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// A copy of a backup as it is now.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Changes what every copy of the header says of the recovery code.
pub(crate) fn rewrite(backup: &Path, change: impl Fn(&mut Value)) -> Result<()> {
    for name in ["keepsake.json", "copies/keepsake.json"] {
        let path = backup.join(name);
        let mut header: Value = serde_json::from_slice(&fs::read(&path)?)?;
        let slots = header["slots"].as_array_mut().into_iter().flatten();
        let mut changed = 0;
        for slot in slots.filter(|slot| slot["kind"] == "recovery_code") {
            change(&mut slot["parameters"]);
            changed += 1;
        }
        ensure!(changed > 0, "{} says nothing of a recovery code", path.display());
        fs::write(&path, with_its_checksum(header)?)?;
    }
    Ok(())
}

/// Anybody can make the checksum: it finds accidents, and is no proof.
fn with_its_checksum(mut header: Value) -> Result<Vec<u8>> {
    header.as_object_mut().context("a header is an object")?.remove("checksum");
    let bare = serde_json_canonicalizer::to_vec(&header)?;
    header["checksum"] = hex::encode(Sha256::digest(&bare)).into();
    Ok(serde_json::to_vec(&header)?)
}

/// A fleet whose trust document nobody knows.
pub(crate) fn name_another_fleet(slot: &mut Value) {
    let trust = "66".repeat(32);
    slot["fleet_url"] = json!(format!("http://127.0.0.1:9/#sha256={trust}"));
    slot["trust"] = json!(trust);
}

/// With one more pass of Argon2id the right code comes out wrong.
pub(crate) fn add_a_pass(slot: &mut Value) {
    let passes = slot["argon2"]["t"].as_u64().unwrap_or(1);
    slot["argon2"]["t"] = json!(passes + 1);
}
