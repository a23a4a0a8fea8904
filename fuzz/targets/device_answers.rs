//! Lists and logs as a device, or whoever sits before it, answers them to a site.
#![no_main]

use vault_server::hsm::lists;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = lists::parse_objects(bytes);
    let _ = lists::parse_log(bytes);
    let _ = lists::parse_command_audit(bytes);
});
