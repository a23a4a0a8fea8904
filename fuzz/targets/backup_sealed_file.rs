//! An index or snapshot file, before its seal is opened.
#![no_main]

use backup_engine::format::{FileKind, SealedFile};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = SealedFile::parse(FileKind::Index, bytes);
    let _ = SealedFile::parse(FileKind::Snapshot, bytes);
});
