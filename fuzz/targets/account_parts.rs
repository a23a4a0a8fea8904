//! Records, passkeys, rosters, news and statements by themselves: their shapes are checked before
//! anything else.
#![no_main]

use serde::Serialize;
use serde::de::DeserializeOwned;
use vault_protocol::{
    Acknowledgement, Admission, Certificate, Equivocation, KeysDigest, News, PasskeyRecord,
    RoundEnd, SealedRecord, SignedRoster, VoteKeyCertificate,
};

const KEYS: KeysDigest = KeysDigest([1; 32]);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((what, bytes)) = bytes.split_first() else { return };
    match what % 10 {
        0 => read(bytes, |whole: &SealedRecord| {
            if whole.check_shape(5, 3).is_ok() {
                let record = &whole.signed.record;
                assert!((1..=10).contains(&record.policy.max_tries) && record.version > 0);
                assert!((3..=5).contains(&whole.sealed.boxes.len()));
            }
            assert_eq!(whole.signed.rank(), whole.signed.rank());
        }),
        1 => read(bytes, |passkey: &PasskeyRecord| {
            if passkey.check_shape(5, 3).is_ok() {
                assert!(passkey.registration.len() <= 6144 && !passkey.head.credential.is_empty());
            }
            passkey.challenge();
        }),
        2 => read(bytes, |signed: &SignedRoster| {
            if signed.roster.check_shape().is_ok() {
                assert!(signed.roster.passkeys.len() <= 8);
            }
            signed.roster.digest(&KEYS);
        }),
        3 => read(bytes, |news: &News| {
            if news.check_shape().is_ok() {
                assert!(news.votes.len() <= 140 && news.statements().count() <= 147);
            }
        }),
        4 => read(bytes, |certificate: &Certificate| {
            certificate.tried.id(&KEYS);
            certificate.tried.slot_id(&KEYS);
        }),
        5 => read(bytes, |_: &VoteKeyCertificate| ()),
        6 => read(bytes, |_: &Acknowledgement| ()),
        7 => read(bytes, |admission: &Admission| {
            if admission.is_bounded() {
                assert!(admission.statements().count() <= 7);
            }
        }),
        8 => read(bytes, |_: &RoundEnd| ()),
        _ => read(bytes, |_: &Equivocation| ()),
    }
});

/// What is read is written back the same.
fn read<T: DeserializeOwned + Serialize + PartialEq>(bytes: &[u8], check: impl Fn(&T)) {
    let Ok(value) = postcard::from_bytes::<T>(bytes) else { return };
    let again = postcard::to_allocvec(&value).expect("it is plain data");
    assert!(postcard::from_bytes::<T>(&again).is_ok_and(|read| read == value));
    check(&value);
}
