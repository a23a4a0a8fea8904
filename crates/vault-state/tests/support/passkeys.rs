//! WebAuthn reduced to what the state asks of it: the challenge, the credential and the counter, in plain bytes. And
//! what an owner sends to add, use and remove passkeys.

use super::{EPOCH, FLEET, SITES, account, owner};
use ed25519_dalek::Signer;
use proptest::prelude::*;
use vault_protocol::{
    Change, OwnerKey, PasskeyDigest, PasskeyRecord, Roster, RosterUpdate, SealedBox, Signature64, SiteIndex, SiteNonce,
    challenge_of, roster_message,
};
use vault_state::{Command, PasskeyVerifier, Registered};

/// A registration is `challenge (32) || counter (4) || credential`, an assertion the same with its own challenge.
pub struct PlainBytes;

pub fn answer(challenge: &[u8; 32], counter: u32, credential: &[u8]) -> Vec<u8> {
    [&challenge[..], &counter.to_be_bytes(), credential].concat()
}

impl PasskeyVerifier for PlainBytes {
    fn registration(&self, challenge: &[u8; 32], credential: &[u8], registration: &[u8]) -> Option<u32> {
        let (signed, counter, named) = parts(registration)?;
        (signed == *challenge && named == credential).then_some(counter)
    }

    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>> {
        parts(assertion).map(|(_, _, credential)| credential)
    }

    fn assertion(&self, registered: &Registered<'_>, challenge: &[u8; 32], assertion: &[u8]) -> Option<u32> {
        self.registration(&registered.challenge, registered.credential, registered.registration)?;
        let (signed, counter, named) = parts(assertion)?;
        let goes_on = counter > registered.counter || (counter, registered.counter) == (0, 0);
        (signed == *challenge && named == registered.credential && goes_on).then_some(counter)
    }
}

fn parts(bytes: &[u8]) -> Option<([u8; 32], u32, Vec<u8>)> {
    let (challenge, rest) = bytes.split_first_chunk::<32>()?;
    let (counter, credential) = rest.split_first_chunk::<4>()?;
    Some((*challenge, u32::from_be_bytes(*counter), credential.to_vec()))
}

/// What these sites gave in the session number `session`.
pub fn nonces(sites: &[u8], session: u8) -> Vec<SiteNonce> {
    sites.iter().map(|site| SiteNonce { site: SiteIndex(*site), nonce: [session; 32] }).collect()
}

/// The credential id of passkey `id`.
pub fn credential(id: u8) -> Vec<u8> {
    vec![id; 16]
}

/// Passkey `id` of a person, made for `change` over nonces of sites 1 and 2, with a counter that begins at 1.
pub fn passkey(person: u8, id: u8, change: Change) -> PasskeyRecord {
    passkey_counting_from(1, person, id, change)
}

pub fn passkey_counting_from(counter: u32, person: u8, id: u8, change: Change) -> PasskeyRecord {
    let mut record = PasskeyRecord {
        account: account(person),
        epoch: EPOCH,
        change,
        credential: credential(id),
        nonces: nonces(&[1, 2], change as u8),
        registration: vec![],
        boxes: (1..=SITES).map(|site| SealedBox(vec![site, id])).collect(),
    };
    record.registration = answer(&record.challenge(&FLEET), counter, &record.credential);
    record
}

pub fn roster(person: u8, change: Change, passkeys: &[PasskeyDigest]) -> Roster {
    let owner = OwnerKey(owner(person).verifying_key().to_bytes());
    Roster { account: account(person), owner, change, passkeys: passkeys.to_vec() }
}

pub fn sign_roster(signer: u8, roster: &Roster) -> Signature64 {
    Signature64(owner(signer).sign(&roster_message(&FLEET, roster)).to_bytes())
}

/// The owner of the roster sets it.
pub fn set(person: u8, roster: Roster, added: Option<PasskeyRecord>) -> Command {
    let signature = sign_roster(person, &roster);
    Command::SetRoster { update: RosterUpdate { roster, signature, added }, at: 1000 }
}

/// Adds `record` to `others`, as the change it was made for.
pub fn add(person: u8, others: &[PasskeyDigest], record: PasskeyRecord) -> Command {
    let all = [others, &[record.digest()]].concat();
    set(person, roster(person, record.change, &all), Some(record))
}

/// Strikes off whoever is not among `stay`.
pub fn strike_off(person: u8, change: Change, stay: &[PasskeyDigest]) -> Command {
    set(person, roster(person, change, stay), None)
}

/// Site `site` gave a nonce towards `change`.
pub fn opening(person: u8, change: Change, site: u8, at: u64) -> Command {
    Command::OpenPasskeyRegistration { account: account(person), change, site: SiteIndex(site), at }
}

/// Site `site` was shown a passkey that did not verify.
pub fn refused_at(person: u8, site: u8, at: u64) -> Command {
    Command::NotePasskeyRefused { account: account(person), site: SiteIndex(site), at }
}

/// Passkey `id` answers to `nonces`.
pub fn use_with(person: u8, id: u8, nonces: Vec<SiteNonce>, counter: u32) -> Command {
    let challenge = challenge_of(&FLEET, &account(person), &nonces);
    let assertion = answer(&challenge, counter, &credential(id));
    Command::UsePasskey { account: account(person), nonces, assertion, at: 2000 }
}

/// Passkey `id` answers in the session number `session` with sites 1 and 2.
pub fn use_passkey(person: u8, id: u8, session: u8, counter: u32) -> Command {
    use_with(person, id, nonces(&[1, 2], session), counter)
}

/// Any command about a person's passkeys, in a space so small that many of them are taken. Change c adds passkey c.
pub fn any_passkey_command(person: u8) -> impl Strategy<Value = Command> {
    let made = move |change: Change| passkey(person, change as u8, change);
    prop_oneof![
        3 => (1u32..4).prop_map(move |c| add(person, &[], made(c))),
        2 => (2u32..4).prop_map(move |c| add(person, &[made(c - 1).digest()], made(c))),
        1 => (2u32..5).prop_map(move |c| strike_off(person, c, &[])),
        6 => (1u8..4, 1u8..9, 0u32..20).prop_map(move |(id, session, n)| use_passkey(person, id, session, n)),
        1 => (1u32..5, 1u8..=SITES, 0u64..2000).prop_map(move |(c, site, at)| opening(person, c, site, at)),
        1 => (1u8..=SITES, 0u64..2000).prop_map(move |(site, at)| refused_at(person, site, at)),
    ]
}
