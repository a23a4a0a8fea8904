//! The evidence as one tar file: the same bytes every time, and nothing but plain files is read.
#![allow(clippy::unwrap_used)]

use fleet_evidence::folder::{EvidenceFolder, MAX_ARCHIVE, MAX_FILE, MAX_FILES};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tar::{Builder, EntryType, Header};

fn folder() -> EvidenceFolder {
    let files = [("manifest.json", "{}"), ("devices/1001/objects.json", "[]"), ("empty.txt", "")];
    EvidenceFolder::new(files.iter().map(|(p, b)| (p.to_string(), b.as_bytes().to_vec())).collect())
        .unwrap()
}

/// An entry with any name, as a hostile archiver would write it.
fn entry(kind: EntryType, path: &[u8], size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..path.len()].copy_from_slice(path);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header
}

fn archive(entries: &[(EntryType, &[u8], &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (kind, path, bytes) in entries {
        builder.append(&entry(*kind, path, bytes.len() as u64), *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn what_is_written_is_read_and_always_the_same() {
    let bytes = folder().to_tar().unwrap();
    assert_eq!(bytes, folder().to_tar().unwrap());
    assert_eq!(EvidenceFolder::from_tar(&bytes).unwrap(), folder());
    assert_eq!(&bytes[257..263], b"ustar\0");
    assert_eq!(&bytes[136..147], b"00000000000", "no time");
}

#[test]
fn an_archive_of_a_common_archiver_is_read() {
    let bytes = archive(&[
        (EntryType::Directory, b"./", b""),
        (EntryType::Regular, b"./manifest.json", b"{}"),
        (EntryType::Directory, b"./devices/", b""),
        (EntryType::Regular, b"./devices/1001/objects.json", b"[]"),
        (EntryType::Regular, b"./empty.txt", b""),
    ]);
    assert_eq!(EvidenceFolder::from_tar(&bytes).unwrap(), folder());
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for path in [
        "../manifest.json",
        "/etc/passwd",
        "a/../../b",
        ".hidden",
        "a//b",
        "a\\b",
        "././a",
        "a b",
        "\u{e4}",
    ] {
        let bytes = archive(&[(EntryType::Regular, path.as_bytes(), b"x")]);
        assert!(EvidenceFolder::from_tar(&bytes).is_err(), "{path}");
    }
}

#[test]
fn links_devices_and_extensions_are_refused() {
    use EntryType::*;
    for kind in [
        Link,
        Symlink,
        Char,
        Block,
        Fifo,
        Continuous,
        GNULongName,
        GNULongLink,
        GNUSparse,
        XHeader,
        XGlobalHeader,
    ] {
        let bytes = archive(&[(Regular, b"manifest.json", b"{}"), (kind, b"build.json", b"")]);
        assert!(EvidenceFolder::from_tar(&bytes).is_err(), "{kind:?}");
    }
}

#[test]
fn a_path_twice_is_refused_also_in_two_spellings() {
    for second in [&b"manifest.json"[..], b"./manifest.json"] {
        let bytes = archive(&[
            (EntryType::Regular, b"manifest.json", b"1"),
            (EntryType::Regular, second, b"2"),
        ]);
        assert!(EvidenceFolder::from_tar(&bytes).is_err());
    }
}

#[test]
fn an_archive_that_is_cut_off_is_refused() {
    let whole = archive(&[(EntryType::Regular, b"manifest.json", &[7; 2000])]);
    for length in [0, 100, 512, 600, 2511] {
        assert!(EvidenceFolder::from_tar(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn sizes_are_bounded() {
    let large = vec![0; MAX_FILE + 1];
    assert!(EvidenceFolder::from_tar(&archive(&[(EntryType::Regular, b"a", &large)])).is_err());
    let promised = entry(EntryType::Regular, b"a", u64::MAX / 2);
    assert!(EvidenceFolder::from_tar(promised.as_bytes()).is_err(), "a size that is not there");
    assert!(EvidenceFolder::from_tar(&vec![0; MAX_ARCHIVE + 1]).is_err());
    let names: Vec<String> = (0..=MAX_FILES).map(|i| format!("f{i}")).collect();
    let many: Vec<_> = names.iter().map(|n| (EntryType::Regular, n.as_bytes(), &b""[..])).collect();
    assert!(EvidenceFolder::from_tar(&archive(&many)).is_err());
    assert!(EvidenceFolder::from_tar(&archive(&many[1..])).is_ok());
    let folders: Vec<_> = (0..1000).map(|_| (EntryType::Directory, &b"d/"[..], &b""[..])).collect();
    assert!(EvidenceFolder::from_tar(&archive(&folders)).is_err());
}

#[test]
fn the_largest_folder_fits() {
    let files: BTreeMap<String, Vec<u8>> =
        (0..16).map(|i| (format!("f{i}"), vec![1; MAX_FILE])).collect();
    let largest = EvidenceFolder::new(files).unwrap();
    assert_eq!(EvidenceFolder::from_tar(&largest.to_tar().unwrap()).unwrap(), largest);
}

proptest! {
    #[test]
    fn any_damage_is_an_answer_not_a_crash(at in 0usize..5000, value in any::<u8>(), keep in 0usize..6000) {
        let mut bytes = folder().to_tar().unwrap();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        bytes.truncate(keep.max(1));
        let _ = EvidenceFolder::from_tar(&bytes);
    }
}
