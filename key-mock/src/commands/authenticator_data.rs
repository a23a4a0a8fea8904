//! Authenticator data (WebAuthn 6.1): what a credential signs, before the hash of the client data.

use crate::cbor;
use crate::credential::Credential;
use ciborium::Value;
use sha2::{Digest, Sha256};

/// The make of the key, in every registration.
pub(super) const AAGUID: [u8; 16] = *b"MOCK SECURITYKEY";

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

#[derive(Clone, Copy)]
pub(crate) struct User {
    pub present: bool,
    pub verified: bool,
}

/// Of an assertion.
pub(super) fn asserted(
    rp_id: &str,
    user: User,
    counter: u32,
    extensions: Option<Value>,
) -> Vec<u8> {
    encode(rp_id, user, counter, &[], extensions)
}

/// Of a new credential.
pub(super) fn attested(
    credential: &Credential,
    user: User,
    counter: u32,
    extensions: Option<Value>,
) -> Vec<u8> {
    let length = u16::try_from(credential.id.len()).expect("32").to_be_bytes();
    let key = cbor::write(&credential.public_key());
    let attested = [&AAGUID[..], &length, &credential.id, &key].concat();
    encode(&credential.rp_id, user, counter, &attested, extensions)
}

fn encode(
    rp_id: &str,
    user: User,
    counter: u32,
    attested: &[u8],
    extensions: Option<Value>,
) -> Vec<u8> {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let flags = flag(user.present, USER_PRESENT)
        | flag(user.verified, USER_VERIFIED)
        | flag(!attested.is_empty(), ATTESTED)
        | flag(extensions.is_some(), EXTENSIONS);
    let extensions = extensions.map(|extensions| cbor::write(&extensions)).unwrap_or_default();
    let rp_id_hash = Sha256::digest(rp_id.as_bytes());
    [&rp_id_hash[..], &[flags], &counter.to_be_bytes(), attested, &extensions].concat()
}
