//! A client's first message to a site, and whatever follows it.
#![no_main]

use rand_core::OsRng;
use recovery_crypto::{DeviceKey, SoftwareKey, session};
use std::sync::{Arc, LazyLock};
use vault_protocol::BundleId;

static KEY: LazyLock<Arc<dyn DeviceKey>> =
    LazyLock::new(|| Arc::new(SoftwareKey::from_bytes(&[7; 32]).expect("a number below the order")));
/// An uncompressed point and a tag.
const FIRST: usize = 81;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (first, then) = bytes.split_at(bytes.len().min(FIRST));
    if let Ok((mut session, _)) = session::respond(&BundleId([1; 32]), &KEY, first, &mut OsRng) {
        let _ = session.open(then);
    }
});
