//! Lists and logs as a device, or whoever sits before it, answers them to a site.
#![no_main]

use yubihsm_device::answers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = answers::parse_objects(bytes);
    let _ = answers::parse_log(bytes);
    let _ = answers::parse_command_audit(bytes);
});
