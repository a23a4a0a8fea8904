//! A snapshot carries the whole state to another site, and only a state that proves itself is taken.
#![allow(clippy::unwrap_used)]

#[path = "support/state_machine.rs"]
mod state_machine;

use ed25519_dalek::{Signer, SigningKey};
use openraft::storage::RaftStateMachine;
use state_machine::{FLEET, entry, open, transfer};
use tempfile::TempDir;
use vault_protocol::{
    AccountId, CodeParameters, OwnerKey, Policy, Record, SealedBox, Signature64, SiteIndex, TryId, record_message,
};
use vault_server::consensus::store::{Reader, StateMachine};
use vault_state::{Command, Outcome};

fn register(person: u8) -> Command {
    let owner = SigningKey::from_bytes(&[person; 32]);
    let record = Record {
        account: AccountId([person; 16]),
        version: 1,
        epoch: 1,
        owner: OwnerKey(owner.verifying_key().to_bytes()),
        parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
        policy: Policy::default(),
        boxes: vec![SealedBox(vec![person; 210]); 3],
    };
    let signature = Signature64(owner.sign(&record_message(&FLEET, &record)).to_bytes());
    Command::Register { record, signature, at: 1 }
}

fn evaluation(person: u8, site: u8) -> Command {
    let (account, site) = (AccountId([person; 16]), SiteIndex(site));
    Command::RecordRegistrationEvaluation { account, version: 1, alpha_hash: [0; 32], site, at: 1 }
}

/// Twenty accounts, one of them with a try.
async fn filled() -> (TempDir, StateMachine, Reader) {
    let (dir, mut machine, reader) = open();
    let registered = (1..=20).flat_map(|i| [evaluation(i, 1), evaluation(i, 2), register(i)]);
    // One more that was evaluated for and has not come yet.
    let commands = registered.chain([evaluation(21, 1), evaluation(21, 2)]);
    let mut entries: Vec<_> = commands.zip(1..).map(|(command, index)| entry(index, command)).collect();
    let (account, try_id) = (AccountId([7; 16]), TryId([9; 32]));
    entries.push(entry(63, Command::ReserveGuess { account, version: 1, try_id, at: 5 }));
    let outcomes = machine.apply(entries).await.unwrap();
    assert_eq!(outcomes.last(), Some(&Outcome::Reserved { tries_left: 9 }));
    (dir, machine, reader)
}

#[tokio::test]
async fn the_whole_state_arrives() {
    let ((_a, mut from, before), (_b, mut to, after)) = (filled().await, open());
    assert!(transfer(&mut from, &mut to, |_| ()).await);
    assert_eq!(to.applied_state().await.unwrap(), from.applied_state().await.unwrap());
    for person in 1..=20 {
        let id = AccountId([person; 16]);
        assert_eq!(after.account(id).await.unwrap(), before.account(id).await.unwrap());
        assert!(after.account(id).await.unwrap().is_some());
    }
    assert_eq!(after.totals().await.unwrap().tries, 1);
    to.apply([entry(64, register(21))]).await.unwrap();
    assert!(after.account(AccountId([21; 16])).await.unwrap().is_some(), "what was pending did not arrive");
    assert!(to.get_current_snapshot().await.unwrap().is_some());
}

#[tokio::test]
async fn a_cut_or_swapped_snapshot_changes_nothing() {
    type Change = fn(&mut Vec<u8>);
    let cut: Change = |bytes| bytes.truncate(bytes.len() - 1);
    // Person 7's boxes, as their bytes stand in the file.
    let swapped: Change = |bytes| {
        let at = bytes.windows(210).position(|w| w == [7; 210]).unwrap();
        bytes[at] ^= 1;
    };
    let endless: Change = |bytes| bytes[..4].copy_from_slice(&u32::MAX.to_le_bytes());
    for change in [cut, swapped, endless] {
        let ((_a, mut from, _), (_b, mut to, after)) = (filled().await, open());
        assert!(!transfer(&mut from, &mut to, change).await);
        assert_eq!(after.account(AccountId([1; 16])).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_older_snapshot_is_refused() {
    let ((_a, mut older, _), (_b, mut newer, reader)) = (filled().await, filled().await);
    let (account, try_id) = (AccountId([7; 16]), TryId([10; 32]));
    newer.apply([entry(64, Command::ReserveGuess { account, version: 1, try_id, at: 6 })]).await.unwrap();
    assert!(!transfer(&mut older, &mut newer, |_| ()).await);
    assert_eq!(reader.account(account).await.unwrap().unwrap().tries_left(), 8);
}
