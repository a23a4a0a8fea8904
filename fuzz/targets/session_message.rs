//! A client's first message to a site, and whatever follows it.
#![no_main]

use rand_core::OsRng;
use recovery_crypto::session::{Prologue, respond};
use recovery_crypto::{DeviceKey, SoftwareKey};
use std::sync::{Arc, LazyLock};
use vault_protocol::{BundleId, SiteIndex};

static KEY: LazyLock<Arc<dyn DeviceKey>> = LazyLock::new(|| {
    Arc::new(SoftwareKey::from_bytes(&[7; 32]).expect("a number below the order"))
});
/// An uncompressed point and a tag.
const FIRST: usize = 81;
const HERE: Prologue = Prologue { bundle: BundleId([1; 32]), site: SiteIndex(1) };

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (first, then) = bytes.split_at(bytes.len().min(FIRST));
    if let Ok((mut session, _)) = respond(&HERE, &KEY, first, &mut OsRng) {
        let _ = session.open(then);
    }
});
