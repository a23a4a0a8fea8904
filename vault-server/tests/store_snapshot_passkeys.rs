//! A snapshot brings passkeys to a site that lags behind, verified once more, and none that was removed there.
#![allow(clippy::unwrap_used)]

#[path = "support/passkey.rs"]
#[allow(dead_code)]
mod passkey;
#[path = "support/state_machine.rs"]
#[allow(dead_code)]
mod state_machine;

use ed25519_dalek::{Signer, SigningKey};
use openraft::storage::RaftStateMachine;
use passkey::Authenticator;
use state_machine::{FLEET, entry, open, transfer};
use vault_protocol::{
    AccountId, OwnerKey, PasskeyRecord, Refusal, Roster, RosterUpdate, SealedBox, Signature64, SiteIndex, SiteNonce,
    challenge_of, roster_message,
};
use vault_server::consensus::store::StateMachine;
use vault_state::{Command, Outcome};

const ADA: AccountId = AccountId([30; 16]);

fn nonces(session: u8) -> Vec<SiteNonce> {
    [1, 2].map(|site| SiteNonce { site: SiteIndex(site), nonce: [session; 32] }).into()
}

fn set(change: u32, added: Option<PasskeyRecord>) -> Command {
    let owner = SigningKey::from_bytes(&[30; 32]);
    let passkeys = added.iter().map(PasskeyRecord::digest).collect();
    let roster = Roster { account: ADA, owner: OwnerKey(owner.verifying_key().to_bytes()), change, passkeys };
    let signature = Signature64(owner.sign(&roster_message(&FLEET, &roster)).to_bytes());
    Command::SetRoster { update: RosterUpdate { roster, signature, added }, at: 1 }
}

fn used(key: &mut Authenticator, session: u8) -> Command {
    let assertion = key.assert(challenge_of(&FLEET, &ADA, &nonces(session)));
    Command::UsePasskey { account: ADA, nonces: nonces(session), assertion, at: 2 }
}

async fn run(machine: &mut StateMachine, index: u64, command: Command) -> Outcome {
    machine.apply([entry(index, command)]).await.unwrap().remove(0)
}

/// Ada's passkey, used once; five entries.
async fn filled(machine: &mut StateMachine) -> Authenticator {
    let mut key = Authenticator::new();
    let registration = key.register(challenge_of(&FLEET, &ADA, &nonces(1)));
    let (credential, boxes) = (key.credential.clone(), vec![SealedBox(vec![7; 145]); 3]);
    let record =
        PasskeyRecord { account: ADA, epoch: 1, change: 1, credential, nonces: nonces(1), registration, boxes };
    for site in [1, 2] {
        let asked = Command::OpenPasskeyRegistration { account: ADA, change: 1, site: SiteIndex(site), at: 1 };
        run(machine, site.into(), asked).await;
    }
    assert_eq!(run(machine, 3, set(1, Some(record))).await, Outcome::RosterSet { change: 1 });
    assert!(matches!(run(machine, 4, used(&mut key, 2)).await, Outcome::PasskeyUsed { .. }));
    key
}

#[tokio::test]
async fn passkeys_arrive_with_their_counters() {
    let ((_a, mut from, before), (_b, mut to, after)) = (open(), open());
    let mut key = filled(&mut from).await;
    assert!(transfer(&mut from, &mut to, |_| ()).await);
    assert_eq!(after.account(ADA).await.unwrap(), before.account(ADA).await.unwrap());
    key.counter -= 1;
    assert_eq!(run(&mut to, 5, used(&mut key, 3)).await, Outcome::Refused(Refusal::PasskeyInvalid), "it stands still");
    assert!(matches!(run(&mut to, 6, used(&mut key, 4)).await, Outcome::PasskeyUsed { .. }));
}

#[tokio::test]
async fn a_registration_or_a_box_that_was_changed_on_the_way_is_refused() {
    for (what, pattern) in [("registration", &b"\"clientDataJSON\":\""[..]), ("box", &[7; 144][..])] {
        let ((_a, mut from, _), (_b, mut to, after)) = (open(), open());
        filled(&mut from).await;
        let change = |bytes: &mut Vec<u8>| {
            let at = bytes.windows(pattern.len()).position(|w| w == pattern).expect(what);
            bytes[at + pattern.len()] ^= 1;
        };
        assert!(!transfer(&mut from, &mut to, change).await, "{what}");
        assert_eq!(after.account(ADA).await.unwrap(), None, "{what}");
    }
}

#[tokio::test]
async fn the_box_of_a_removed_passkey_is_nowhere_in_the_file() {
    let (dir, mut machine, reader) = open();
    filled(&mut machine).await;
    let file = dir.path().join("consensus.sqlite");
    let holds_the_box = || {
        let sqlite = rusqlite::Connection::open(&file).unwrap();
        sqlite.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        std::fs::read(&file).unwrap().windows(145).any(|w| w == [7; 145])
    };
    assert!(holds_the_box());
    run(&mut machine, 5, set(2, None)).await;
    drop((machine, reader));
    assert!(!holds_the_box());
}

#[tokio::test]
async fn a_passkey_that_was_removed_does_not_come_back() {
    let ((_a, mut lagging, _), (_b, mut newer, reader)) = (open(), open());
    filled(&mut lagging).await;
    assert!(transfer(&mut lagging, &mut newer, |_| ()).await);
    assert_eq!(run(&mut newer, 5, set(2, None)).await, Outcome::RosterSet { change: 2 });
    assert!(!transfer(&mut lagging, &mut newer, |_| ()).await);
    assert!(reader.account(ADA).await.unwrap().unwrap().passkeys.held.is_empty());
    assert!(transfer(&mut newer, &mut lagging, |_| ()).await, "the removal arrives at the one that lags behind");
}
