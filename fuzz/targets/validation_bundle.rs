//! A signed bundle before any check of it: what is read has one canonical form, and names the
//! fleet's keys.
#![no_main]

use vault_facts::FleetKeys;
use vault_protocol::{Bundle, SignedBundle};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(signed) = SignedBundle::from_json(bytes) else { return };
    let bundle = &signed.bundle;
    let canonical = bundle.canonical();
    let again: Bundle = serde_json::from_slice(&canonical).expect("what was written is read");
    assert_eq!(again, *bundle);
    assert_eq!(again.canonical(), canonical);
    assert_eq!((again.id(), again.keys_digest()), (bundle.id(), bundle.keys_digest()));
    let keys = FleetKeys::of(bundle);
    assert_eq!(keys.sites(), bundle.sites.len());
    for slot in 1..=10 {
        assert!((keys.threshold()..=keys.sites()).contains(&keys.quorum(slot)));
    }
    assert!(bundle.sites.iter().all(|site| keys.has_site(site.index)));
});
