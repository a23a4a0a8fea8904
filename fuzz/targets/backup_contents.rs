//! What is inside a backup's sealed files: index, catalog, snapshot, payload, segment.
#![no_main]

use backup_engine::format::{Catalog, Manifest, SegmentRecords, decode_payload, parse_index};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parse_index(bytes);
    let _ = Catalog::parse(bytes);
    let _ = Manifest::parse(bytes);
    let _ = decode_payload(bytes);
    let read: usize = SegmentRecords::new(bytes).map_while(Result::ok).map(<[u8]>::len).sum();
    assert!(read <= bytes.len());
});
