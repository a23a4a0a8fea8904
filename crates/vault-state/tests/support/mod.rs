//! A fleet of three with keys that tests may sign with.
#![allow(dead_code)]

pub mod passkeys;

use ed25519_dalek::Signer;
use p256::ecdsa::{Signature, SigningKey};
use vault_protocol::{
    AccountId, CodeParameters, FleetId, OwnerKey, Point, Policy, Receipt, Record, SealedBox, Signature64, SiteIndex,
    TryId, Version, confirmation_message, record_message, removal_message,
};
use vault_state::{Command, FleetKeys, InMemory, Outcome, apply};

pub const FLEET: FleetId = FleetId([0xf1; 16]);
pub const EPOCH: u64 = 1;
pub const SITES: u8 = 3;
pub const THRESHOLD: u8 = 2;

pub fn fleet() -> FleetKeys {
    let receipt_keys = (1..=SITES).map(|i| point(&receipt_key(i))).collect();
    FleetKeys { fleet_id: FLEET, epoch: EPOCH, threshold: THRESHOLD, receipt_keys }
}

pub fn account(n: u8) -> AccountId {
    AccountId([n; 16])
}

pub fn guess(n: u8) -> TryId {
    TryId([n; 32])
}

/// The key that signs for person `n`.
pub fn owner(n: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[n; 32])
}

pub fn record(person: u8, version: Version) -> Record {
    Record {
        account: account(person),
        version,
        epoch: EPOCH,
        owner: OwnerKey(owner(person).verifying_key().to_bytes()),
        parameters: CodeParameters { memory_kib: 65_536, passes: 3, lanes: 1 },
        policy: Policy::default(),
        boxes: (1..=SITES).map(|i| SealedBox(vec![i, version as u8])).collect(),
    }
}

pub fn sign_record(signer: u8, record: &Record) -> Signature64 {
    Signature64(owner(signer).sign(&record_message(&FLEET, record)).to_bytes())
}

pub fn register(person: u8, version: Version) -> Command {
    let record = record(person, version);
    let signature = sign_record(person, &record);
    Command::Register { record, signature, at: 1000 }
}

pub fn remove(person: u8, version: Version, signer: u8) -> Command {
    let message = removal_message(&FLEET, &account(person), version);
    let signature = Signature64(owner(signer).sign(&message).to_bytes());
    Command::Remove { account: account(person), version, signature, at: 2000 }
}

pub fn reserve(person: u8, version: Version, id: u8, at: u64) -> Command {
    Command::ReserveGuess { account: account(person), version, try_id: guess(id), at }
}

pub fn receipt_key(site: u8) -> SigningKey {
    SigningKey::from_slice(&[site; 32]).expect("a small scalar is a key")
}

/// What `signer` signs when it speaks for `site`.
pub fn receipt(person: u8, version: Version, id: u8, round: u64, site: u8, signer: u8) -> Receipt {
    let message = confirmation_message(&FLEET, &account(person), version, &guess(id), round, SiteIndex(site));
    let signature: Signature = Signer::sign(&receipt_key(signer), &message);
    Receipt { site: SiteIndex(site), signature: Signature64(signature.to_bytes().into()) }
}

pub fn confirm(person: u8, version: Version, id: u8, round: u64, site: u8) -> Command {
    let receipt = receipt(person, version, id, round, site, site);
    Command::Confirm { account: account(person), version, try_id: guess(id), receipt, at: 3000 }
}

/// Site `site` is about to evaluate for a registration.
pub fn evaluation(person: u8, version: Version, site: u8, at: u64) -> Command {
    let (account, site) = (account(person), SiteIndex(site));
    Command::RecordRegistrationEvaluation { account, version, alpha_hash: [0; 32], site, at }
}

/// As [`run`], and a registration comes as a client makes it: after t sites were asked.
pub fn play(state: &mut InMemory, command: Command) -> Outcome {
    for site in 1..=THRESHOLD {
        if let Command::Register { record, at, .. } = &command {
            run(state, evaluation(record.account.0[0], record.version, site, *at));
        }
        if let Command::SetRoster { update, at } = &command
            && update.added.is_some()
        {
            run(state, passkeys::opening(update.roster.account.0[0], update.roster.change, site, *at));
        }
    }
    run(state, command)
}

pub fn run(state: &mut InMemory, command: Command) -> Outcome {
    match apply(state, &fleet(), &passkeys::PlainBytes, command) {
        Ok(outcome) => outcome,
        Err(never) => match never {},
    }
}

fn point(key: &SigningKey) -> Point {
    let encoded = key.verifying_key().to_encoded_point(false);
    Point::from_slice(encoded.as_bytes()).expect("an uncompressed point is 65 bytes")
}
