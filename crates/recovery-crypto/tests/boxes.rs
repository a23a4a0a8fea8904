//! A box opens for one device, and for what it was made for.
#![allow(clippy::unwrap_used)]

mod support;

use rand_core::OsRng;
use recovery_crypto::passkey::{PasskeyContext, deal};
use recovery_crypto::sealing::{SealError, open_box, open_passkey_box};
use support::fleet::{CLAIM, TestFleet};
use vault_protocol::{AccountId, KeysDigest, SiteIndex, box_info, passkey_box_info};

const CREDENTIAL: &[u8] = b"a credential";

/// Whose a box is, and every single thing changed.
#[derive(Clone)]
struct Place {
    keys: KeysDigest,
    account: AccountId,
    version: u32,
    credential: Vec<u8>,
    site: SiteIndex,
    serial: u32,
}

impl Place {
    fn of_first_box(fleet: &TestFleet) -> Self {
        Self {
            keys: fleet.bundle.keys_digest(),
            account: CLAIM.account(),
            version: 1,
            credential: CREDENTIAL.to_vec(),
            site: SiteIndex(1),
            serial: 1001,
        }
    }

    fn changed(&self, change: Change) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn info(&self) -> Vec<u8> {
        box_info(&self.keys, &self.account, self.version, self.site, self.serial)
    }

    fn passkey_info(&self) -> Vec<u8> {
        passkey_box_info(&self.keys, &self.account, &self.credential, self.site, self.serial)
    }
}

type Change = fn(&mut Place);

const ELSEWHERE: [(&str, Change); 4] = [
    ("another fleet's keys", |p| p.keys.0[31] ^= 1),
    ("another account", |p| p.account.0[0] ^= 1),
    ("another site", |p| p.site.0 = 2),
    ("another device", |p| p.serial += 1),
];

#[test]
fn of_a_code() {
    let fleet = TestFleet::new(3);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let sealed = &registered.sealed.boxes[0].sealed;
    assert_eq!(sealed.0.len(), 33 + 64 + 16);
    let here = Place::of_first_box(&fleet);
    let open =
        |place: &Place, at: u8| open_box(sealed, &place.info(), &fleet.site(at).seal).map(|_| ());
    assert_eq!(open(&here, 1), Ok(()));
    assert_eq!(open(&here, 2), Err(SealError::DoesNotOpen), "another site's key");
    for (what, change) in ELSEWHERE {
        assert_eq!(open(&here.changed(change), 1), Err(SealError::DoesNotOpen), "{what}");
    }
    let next = here.changed(|p| p.version += 1);
    assert_eq!(open(&next, 1), Err(SealError::DoesNotOpen), "another version");
}

#[test]
fn of_a_passkey() {
    let fleet = TestFleet::new(3);
    let here = Place::of_first_box(&fleet);
    let context = PasskeyContext {
        bundle: &fleet.bundle,
        account: here.account,
        credential: &here.credential,
    };
    let dealt = deal(&context, &mut OsRng).unwrap();
    let sealed = &dealt.boxes[0].sealed;
    assert_eq!(sealed.0.len(), 33 + 32 + 16);
    let open = |place: &Place, at: u8| {
        open_passkey_box(sealed, &place.passkey_info(), &fleet.site(at).seal).map(|_| ())
    };
    assert_eq!(open(&here, 1), Ok(()));
    assert_eq!(open(&here, 2), Err(SealError::DoesNotOpen), "another site's key");
    for (what, change) in ELSEWHERE {
        assert_eq!(open(&here.changed(change), 1), Err(SealError::DoesNotOpen), "{what}");
    }
    let other = here.changed(|p| p.credential.push(0));
    assert_eq!(open(&other, 1), Err(SealError::DoesNotOpen), "another credential");
}

#[test]
fn of_a_code_is_none_of_a_passkey() {
    let fleet = TestFleet::new(3);
    let registered = fleet.register(b"right", &fleet.all()).unwrap();
    let sealed = &registered.sealed.boxes[0].sealed;
    let here = Place::of_first_box(&fleet);
    let key = &fleet.site(1).seal;
    // Not even where somebody asks for it under the code's own info: it holds too much.
    for info in [here.info(), here.passkey_info()] {
        assert_eq!(open_passkey_box(sealed, &info, key).err(), Some(SealError::DoesNotOpen));
    }
}
