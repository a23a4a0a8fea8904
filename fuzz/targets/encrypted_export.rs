//! An encrypted WhatsApp backup, its key file, and Signal Desktop's `config.json`.
#![no_main]

use std::io::Cursor;

use encrypted_exports::{signal, whatsapp};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = whatsapp::Key::from_file(bytes);
    let _ = signal::database_key(bytes, Some("typed"));
    let Ok(key) = whatsapp::Key::parse(&"0a".repeat(32)) else { return };
    let _ = whatsapp::decrypt(&mut Cursor::new(bytes), &key, &mut std::io::sink());
    let _ = signal::open_attachment(Cursor::new(bytes), "AAAA", 1);
});
