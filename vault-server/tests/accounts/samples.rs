//! Accounts of all shapes. Nothing in them is proved: a store proves nothing.

#![allow(dead_code)]

use std::collections::BTreeMap;
use vault_facts::{AccountFacts, FactsParts};
use vault_protocol::{
    AccessCommitment, AccessKey, AccessOpening, AccountId, Admission, Claim, CodeOrigin,
    CodeParameters, DeviceBox, Equivocation, EvaluatedTry, KeysDigest, OwnerKey, PasskeyHead,
    PasskeyRecord, Policy, Record, Roster, RoundEnd, RoundEndProof, Sealed, SealedBox, Signature64,
    SignedRecord, SignedRoster, SiteIndex, SiteNonce, SlotId, Statement, TryId, VoteKey,
    VoteKeyCertificate,
};
use vault_server::accounts::{AccountStore, Step, StoreError, Write};
use vault_state::{Own, PasskeyUse, SiteAccount};

pub(crate) const SITES: u8 = 5;

pub(crate) fn claim(n: u8) -> Claim {
    Claim { owner: OwnerKey([n; 32]), nonce: [n; 16] }
}

pub(crate) fn id(n: u8) -> AccountId {
    claim(n).account()
}

/// A site's word, signed with the vote key of one of its starts.
pub(crate) fn statement(site: u8, start: u8) -> Statement {
    let signature = Signature64([site ^ start; 64]);
    Statement { site: SiteIndex(site), key: VoteKey([start; 32]), signature }
}

pub(crate) fn certificate(site: u8, start: u8) -> VoteKeyCertificate {
    let signature = Signature64([start; 64]);
    let key = VoteKey([start; 32]);
    VoteKeyCertificate { site: SiteIndex(site), started: u64::from(start), key, signature }
}

/// Of every vote key that [`statement`] names here.
pub(crate) fn certificates() -> Vec<VoteKeyCertificate> {
    (1..=SITES).flat_map(|site| [1, 2].map(|start| certificate(site, start))).collect()
}

fn boxes(bytes: usize) -> Vec<DeviceBox> {
    let sealed = |site: u8| SealedBox((0..bytes).map(|i| site ^ i as u8).collect());
    let of = |site| DeviceBox { site: SiteIndex(site), serial: 7, sealed: sealed(site) };
    (1..=SITES).map(of).collect()
}

fn record(n: u8, version: u32) -> SignedRecord {
    let record = Record {
        claim: claim(n),
        version,
        keys: KeysDigest([3; 32]),
        access: AccessCommitment([4; 32]),
        parameters: CodeParameters { memory_kib: 65_536, passes: 3, lanes: 4 },
        policy: Policy::of(CodeOrigin::Generated),
        commitment: [n; 32],
        boxes: [5; 32],
    };
    SignedRecord { record, signature: Signature64([version as u8; 64]) }
}

fn passkey(n: u8, number: u32) -> PasskeyRecord {
    let head = PasskeyHead {
        account: id(n),
        keys: KeysDigest([3; 32]),
        number,
        credential: vec![number as u8; 16],
        commitment: [1; 32],
        registration: [2; 32],
        boxes: [3; 32],
    };
    let nonce = |site| SiteNonce { site: SiteIndex(site), nonce: [site; 32], handshake: [9; 32] };
    let nonces = (1..=3).map(nonce).collect();
    PasskeyRecord { head, nonces, registration: vec![b'{'; 900], boxes: boxes(81) }
}

/// As it is after a first registration, of one of very many people.
pub(crate) fn registered_for(n: u32) -> SiteAccount {
    let SiteAccount { facts, own } = registered(1);
    let mut parts = facts.into_parts();
    parts.claim.nonce[..4].copy_from_slice(&n.to_be_bytes());
    if let Some(signed) = &mut parts.record {
        signed.record.claim = parts.claim;
    }
    SiteAccount { facts: AccountFacts::from_parts(parts), own }
}

/// As it is after a first registration.
pub(crate) fn registered(n: u8) -> SiteAccount {
    let access = AccessOpening { salt: [6; 32], key: AccessKey([7; 32]) };
    let tickets = (1..=3).map(|site| statement(site, 1)).collect();
    let facts = AccountFacts::from_parts(FactsParts {
        claim: claim(n),
        admission: Some(Admission::Tickets(tickets)),
        record: Some(record(n, 1)),
        sealed: Some(Sealed { access, boxes: boxes(113) }),
        removal: None,
        roster: None,
        passkeys: vec![],
        round_end: None,
        votes: BTreeMap::new(),
    });
    SiteAccount { facts, own: Own { since: 1000, ..Own::default() } }
}

fn change(account: &SiteAccount, change: impl FnOnce(&mut FactsParts, &mut Own)) -> SiteAccount {
    let SiteAccount { facts, mut own } = account.clone();
    let mut parts = facts.into_parts();
    change(&mut parts, &mut own);
    SiteAccount { facts: AccountFacts::from_parts(parts), own }
}

pub(crate) fn voted(account: &SiteAccount, slot: u8, sites: &[u8]) -> SiteAccount {
    change(account, |parts, own| {
        for site in sites {
            let of_slot = parts.votes.entry(slot).or_default();
            of_slot.insert(SiteIndex(*site), vec![(TryId([slot; 32]), statement(*site, 1))]);
        }
        own.slots.insert(slot, 2000 + u64::from(slot));
        own.evaluated.insert(slot, (TryId([slot; 32]), 1));
    })
}

pub(crate) fn confirmed(account: &SiteAccount, round: u64) -> SiteAccount {
    change(account, |parts, own| {
        let receipts = (1..=3).map(|site| statement(site, 2)).collect();
        let tried = TryId([round as u8; 32]);
        let proof = RoundEndProof::Receipts { version: 1, tried, receipts };
        parts.admission = None;
        parts.round_end = Some(RoundEnd { round, proof });
        parts.votes.clear();
        own.round = round + 1;
        own.slots.clear();
        own.evaluated.clear();
    })
}

pub(crate) fn replaced(account: &SiteAccount, version: u32) -> SiteAccount {
    change(account, |parts, _| {
        let owner = parts.claim.owner.0[0];
        parts.record = Some(record(owner, version));
    })
}

pub(crate) fn with_passkeys(account: &SiteAccount, count: u32) -> SiteAccount {
    change(account, |parts, own| {
        let owner = parts.claim.owner.0[0];
        parts.passkeys = (1..=count).map(|number| passkey(owner, number)).collect();
        let digests: Vec<_> = parts.passkeys.iter().map(|p| p.digest()).collect();
        own.passkeys = digests
            .iter()
            .map(|digest| PasskeyUse { digest: *digest, added: 5, last_used: Some(6), counter: 7 })
            .collect();
        let roster = Roster { claim: parts.claim, number: count + 1, passkeys: digests };
        parts.roster = Some(SignedRoster { roster, signature: Signature64([8; 64]) });
    })
}

pub(crate) fn destroyed(account: &SiteAccount) -> SiteAccount {
    change(account, |parts, own| {
        parts.sealed = None;
        own.destroyed = Some(1);
    })
}

pub(crate) fn removed(account: &SiteAccount) -> SiteAccount {
    change(account, |parts, own| {
        parts.record = None;
        parts.sealed = None;
        parts.roster = None;
        parts.passkeys.clear();
        parts.removal = Some(Signature64([0xdd; 64]));
        parts.votes.clear();
        *own = Own { since: own.since, ..Own::default() };
    })
}

pub(crate) fn reset(account: &SiteAccount, round: u64) -> SiteAccount {
    change(account, |parts, _| {
        let proof = RoundEndProof::Reset { signature: Signature64([0xee; 64]) };
        parts.round_end = Some(RoundEnd { round, proof });
    })
}

/// Every shape that an account may have.
pub(crate) fn shapes(n: u8) -> Vec<SiteAccount> {
    let first = registered(n);
    let tried = voted(&voted(&first, 1, &[1, 2, 3]), 2, &[4, 5]);
    let both = with_passkeys(&tried, 2);
    let equivocal = change(&tried, |parts, _| {
        let of_slot = parts.votes.entry(3).or_default();
        let two = vec![(TryId([1; 32]), statement(2, 1)), (TryId([2; 32]), statement(2, 2))];
        of_slot.insert(SiteIndex(2), two);
    });
    let by_confirmation = change(&confirmed(&first, 0), |parts, _| {
        parts.admission = parts.round_end.clone().map(Admission::Confirmed);
    });
    vec![
        first.clone(),
        tried.clone(),
        both.clone(),
        equivocal,
        by_confirmation,
        confirmed(&both, 3),
        reset(&first, 0),
        replaced(&both, 2),
        destroyed(&both),
        with_passkeys(&removed(&first), 0),
        removed(&both),
    ]
}

pub(crate) fn evaluated(n: u8) -> EvaluatedTry {
    let votes = (1..=3).map(|site| statement(site, 1)).collect();
    EvaluatedTry { slot: SlotId([n; 32]), tried: TryId([n ^ 0xff; 32]), votes }
}

pub(crate) fn equivocation(site: u8, n: u8) -> Equivocation {
    let first = (TryId([n; 32]), statement(site, 1));
    Equivocation { slot: SlotId([n; 32]), first, second: (TryId([n ^ 0xff; 32]), first.1) }
}

/// A write of an account with all that it needs.
pub(crate) fn write(account: SiteAccount) -> Write {
    Write { account: Some(account), vote_keys: certificates(), ..Write::default() }
}

pub(crate) async fn put<S: AccountStore>(
    store: &S,
    account: SiteAccount,
) -> Result<(), StoreError> {
    put_with(store, account.facts.account(), write(account)).await
}

pub(crate) async fn put_with<S: AccountStore>(
    store: &S,
    id: AccountId,
    write: Write,
) -> Result<(), StoreError> {
    store.update(id, move |_| Step::write((), write)).await
}
