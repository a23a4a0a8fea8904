//! Lines of a device's audit log, as a site publishes them: 32 bytes each.
#![no_main]

use fleet_evidence::device_log::{Entry, LivingLog};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (lines, _) = bytes.as_chunks::<32>();
    let mut since = LivingLog::since_ceremony();
    let mut anywhere = LivingLog::from_anywhere();
    for line in lines {
        let entry = Entry::read(line);
        let strict = since.take(&entry);
        // What is wrong wherever the log begins is also wrong after a ceremony.
        assert!(anywhere.take(&entry).is_ok() || strict.is_err());
    }
});
