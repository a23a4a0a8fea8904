//! `keepsake.json`, readable and writable by whoever stores a backup.
#![no_main]

use sealed_keys::{BackupKey, ComputerKey, Header, Secret};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::parse(bytes) else { return };
    let key = BackupKey::from_secret(Secret::new([7; 32]));
    let computer = ComputerKey::new(Secret::new([8; 32]));
    let _ = header.succeeds(&key);
    let _ = header.repository_keys(&key);
    let _ = header.computers(&key);
    let _ = header.open_computer(&computer, &[computer.id()]);
});
