//! The same cases, read by a program in another language that was written from the specification
//! alone.

use super::case::Case;
use super::expected::Expected;
use super::{World, cases};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/backup_decrypt.py");

#[test]
fn the_independent_reader_brings_the_same_back() {
    let Some(python) = python() else {
        eprintln!("skipped: needs python3 with cryptography and zstandard");
        return;
    };
    let world = World::new(7);
    for number in cases("KEEPSAKE_DAMAGE_READER_CASES", 12) {
        let case = Case::new(number, &world);
        let expected = Expected::of(&world, &case.damaged);
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), &case);
        read(python, dir.path(), &world, &case);
        let streams = contents(&dir.path().join("out/streams"));
        let mut wanted: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (stream, record) in &expected.records {
            wanted.entry(hex::encode(stream) + ".bin").or_default().push(record.clone());
        }
        assert_eq!(streams.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{case}");
        for (stream, records) in &wanted {
            let found: std::collections::BTreeSet<Vec<u8>> =
                crate::format::SegmentRecords::new(&streams[stream])
                    .map(|r| r.expect("whole records").to_vec())
                    .collect();
            assert!(found.iter().eq(records.iter()), "{case}: {stream}");
        }
        let media: BTreeMap<String, Vec<u8>> =
            expected.media.iter().map(|(hash, bytes)| (hex::encode(hash), bytes.clone())).collect();
        assert!(contents(&dir.path().join("out/media")) == media, "{case}: other media");
    }
}

fn write(dir: &Path, case: &Case) {
    for (path, bytes) in &case.damaged {
        let path = dir.join("backup").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

fn read(python: &str, dir: &Path, world: &World, case: &Case) {
    let mut child = Command::new(python)
        .arg(SCRIPT)
        .args([dir.join("backup"), dir.join("out")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python starts");
    let digits = hex::encode(world.key.secret().expose());
    child.stdin.take().expect("a pipe").write_all(digits.as_bytes()).expect("it reads");
    let ended = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(!errors.contains("Traceback") && !errors.contains("refused"), "{case}: {errors}");
}

fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(files) = fs::read_dir(dir) else { return BTreeMap::new() };
    let file = |f: fs::DirEntry| {
        (f.file_name().into_string().expect("a plain name"), fs::read(f.path()).expect("a file"))
    };
    files.map(|f| file(f.expect("a file"))).collect()
}

/// Debian's own Python has the packages; another one first on the path may not.
fn python() -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let imports = ["-c", "import cryptography, zstandard"];
        let ran = Command::new(python).args(imports).stderr(Stdio::null()).status();
        ran.is_ok_and(|status| status.success())
    })
}
