//! A fleet and an owner who sign everything that there is to sign, and what somebody may be shown.
#![allow(dead_code)]

mod keys;

pub(crate) use keys::{Device, Keys, Person};

use std::collections::BTreeSet;
use vault_facts::testing::SymbolicSignatures;
use vault_facts::{AccountFacts, FleetKeys, Proofs, RealSignatures, Signatures, VoteKeys};
use vault_protocol::*;

pub(crate) const STARTED: u64 = 1_800_000_000;

/// Five sites, three of which are needed.
pub(crate) struct Fleet {
    pub keys: FleetKeys,
    pub vote_keys: VoteKeys,
    pub kind: Keys,
    name: u8,
}

impl Fleet {
    /// With real signatures.
    pub(crate) fn real(name: u8) -> Self {
        Self::of(Keys::Real, name)
    }

    /// With signatures that cost nothing.
    pub(crate) fn symbolic(name: u8) -> Self {
        Self::of(Keys::Symbolic, name)
    }

    fn of(kind: Keys, name: u8) -> Self {
        let receipt_key = |site: u8| vec![kind.device(name, site).public()];
        let keys = FleetKeys {
            digest: KeysDigest([name; 32]),
            threshold: 3,
            policy: GuessPolicy::Balanced,
            receipt_keys: (1..=5).map(receipt_key).collect(),
        };
        let mut fleet = Self { keys, vote_keys: VoteKeys::default(), kind, name };
        for site in 1..=5 {
            let certificate = fleet.certificate(site);
            let signatures = fleet.signatures();
            assert!(fleet.vote_keys.learn(&fleet.keys, signatures, &certificate));
        }
        fleet
    }

    pub(crate) fn signatures(&self) -> &'static dyn Signatures {
        match self.kind {
            Keys::Real => &RealSignatures,
            Keys::Symbolic => &SymbolicSignatures,
        }
    }

    pub(crate) fn proofs(&self) -> Proofs<'_> {
        let signatures = self.signatures();
        Proofs { keys: &self.keys, vote_keys: &self.vote_keys, signatures }
    }

    pub(crate) fn person(&self, name: u8) -> Person {
        self.kind.person(name)
    }

    pub(crate) fn device(&self, site: u8) -> Device {
        self.kind.device(self.name, site)
    }

    /// The key that a site signs with.
    pub(crate) fn voter(&self, site: u8) -> Person {
        self.kind.person(self.name ^ (0x80 | site))
    }

    pub(crate) fn certificate(&self, site: u8) -> VoteKeyCertificate {
        let index = SiteIndex(site);
        let key = VoteKey(self.voter(site).public());
        let message = VoteKeyCertificate::message(&self.keys.digest, index, STARTED, &key);
        let signature = self.device(site).sign(&message);
        VoteKeyCertificate { site: index, started: STARTED, key, signature }
    }

    /// What `site` signs.
    pub(crate) fn said(&self, site: u8, of: &StatementOf<'_>) -> Statement {
        let voter = self.voter(site);
        let message = of.message(&self.keys.digest, SiteIndex(site));
        Statement {
            site: SiteIndex(site),
            key: VoteKey(voter.public()),
            signature: voter.sign(&message),
        }
    }

    pub(crate) fn all_said(&self, sites: &[u8], of: &StatementOf<'_>) -> Vec<Statement> {
        sites.iter().map(|site| self.said(*site, of)).collect()
    }

    pub(crate) fn tickets(&self, account: AccountId, sites: &[u8]) -> Admission {
        Admission::Tickets(self.all_said(sites, &StatementOf::Ticket { account }))
    }

    /// A vote of `site` in a slot of a round.
    pub(crate) fn vote(
        &self,
        account: AccountId,
        round: Round,
        slot: Slot,
        tried: TryId,
        site: u8,
    ) -> SlotVote {
        let place = slot_id(&self.keys.digest, &account, round, slot);
        let statement = self.said(site, &StatementOf::Vote { slot: place, tried });
        SlotVote { round, slot, tried, statement }
    }

    /// The end of a round by receipts.
    pub(crate) fn round_end(&self, account: AccountId, round: Round, sites: &[u8]) -> RoundEnd {
        let tried = TryId([9; 32]);
        let of = StatementOf::Receipt { account, version: 1, tried, round };
        let receipts = self.all_said(sites, &of);
        RoundEnd { round, proof: RoundEndProof::Receipts { version: 1, tried, receipts } }
    }
}

/// An owner's account.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub fleet: &'a Fleet,
    pub person: Person,
    pub claim: Claim,
}

impl<'a> Owner<'a> {
    pub(crate) fn new(fleet: &'a Fleet, name: u8) -> Self {
        let person = fleet.person(name);
        let claim = Claim { owner: OwnerKey(person.public()), nonce: [name; 16] };
        Self { fleet, person, claim }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.claim.account()
    }

    pub(crate) fn facts(&self) -> AccountFacts {
        AccountFacts::claimed(self.claim)
    }

    pub(crate) fn access(&self) -> Person {
        self.fleet.person(0xac)
    }

    /// A record of this version; `variant` makes others of the same one.
    pub(crate) fn record(&self, version: Version, variant: u8) -> SealedRecord {
        let boxes = boxes(MAX_SEALED, variant);
        let key = AccessKey(self.access().public());
        let access = AccessOpening { salt: [variant; 32], key };
        let record = Record {
            claim: self.claim,
            version,
            keys: self.fleet.keys.digest,
            access: access.commitment(),
            parameters: CodeParameters { memory_kib: 8, passes: 1, lanes: 1 },
            policy: Policy::of(CodeOrigin::Generated),
            commitment: [variant; 32],
            boxes: boxes_digest(&boxes),
        };
        SealedRecord { signed: self.signed(record), sealed: Sealed { access, boxes } }
    }

    pub(crate) fn signed(&self, record: Record) -> SignedRecord {
        SignedRecord { record, signature: self.person.sign(&record.message()) }
    }

    pub(crate) fn removal(&self) -> Removal {
        let message = removal_message(&self.fleet.keys.digest, &self.account());
        Removal { claim: self.claim, signature: self.person.sign(&message) }
    }

    pub(crate) fn reset(&self, round: Round) -> RoundEnd {
        let message = reset_message(&self.fleet.keys.digest, &self.account(), round);
        RoundEnd { round, proof: RoundEndProof::Reset { signature: self.person.sign(&message) } }
    }

    pub(crate) fn roster(&self, number: RosterNumber, passkeys: &[&PasskeyRecord]) -> SignedRoster {
        let passkeys = passkeys.iter().map(|p| p.digest()).collect();
        self.signed_roster(Roster { claim: self.claim, number, passkeys })
    }

    pub(crate) fn signed_roster(&self, roster: Roster) -> SignedRoster {
        let signature = self.person.sign(&roster.message(&self.fleet.keys.digest));
        SignedRoster { roster, signature }
    }

    /// A passkey that roster `number` adds.
    pub(crate) fn passkey(&self, number: RosterNumber, name: u8) -> PasskeyRecord {
        let boxes = boxes(MAX_SEALED, name);
        let nonce =
            |site| SiteNonce { site: SiteIndex(site), nonce: [site; 32], handshake: [name; 32] };
        let nonces: Vec<_> = (1..=3).map(nonce).collect();
        let registration = vec![name; 8];
        let head = PasskeyHead {
            account: self.account(),
            keys: self.fleet.keys.digest,
            number,
            credential: vec![name; 16],
            commitment: [name; 32],
            registration: registration_digest(&nonces, &registration),
            boxes: boxes_digest(&boxes),
        };
        PasskeyRecord { head, nonces, registration, boxes }
    }

    pub(crate) fn tried(&self, slot: Slot) -> Try {
        let mut tried = Try {
            account: self.account(),
            version: 1,
            round: 0,
            slot,
            alpha: [slot; 32],
            at: STARTED,
            signature: Signature64([0; 64]),
        };
        tried.signature = self.access().sign(&tried.message(&self.fleet.keys.digest));
        tried
    }
}

const MAX_SEALED: usize = 40;

fn boxes(len: usize, variant: u8) -> Vec<DeviceBox> {
    let sealed = |site| DeviceBox {
        site: SiteIndex(site),
        serial: 1000 + u32::from(site),
        sealed: SealedBox(vec![variant; len]),
    };
    (1..=5).map(sealed).collect()
}

/// What is proved, whatever proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub admitted: bool,
    pub removed: bool,
    pub record: Option<SignedRecord>,
    pub sealed: Option<Sealed>,
    pub roster: Option<SignedRoster>,
    pub passkeys: Vec<PasskeyDigest>,
    pub round: Round,
    /// Who voted in which slot.
    pub voters: Vec<BTreeSet<SiteIndex>>,
    /// Who voted there for two tries.
    pub equivocators: Vec<BTreeSet<SiteIndex>>,
}

impl State {
    pub(crate) fn by(facts: &AccountFacts) -> Self {
        let votes = facts.clone().into_parts().votes;
        let twice = |slot: Slot| {
            let of_slot = votes.get(&slot).into_iter().flatten();
            of_slot.filter(|(_, votes)| votes.len() > 1).map(|(site, _)| *site).collect()
        };
        Self {
            admitted: facts.admission().is_some(),
            removed: facts.is_removed(),
            record: facts.record().copied(),
            sealed: facts.sealed().cloned(),
            roster: facts.roster().cloned(),
            passkeys: facts.passkeys().iter().map(PasskeyRecord::digest).collect(),
            round: facts.round(),
            voters: (1..=limits::MAX_TRIES).map(|slot| facts.voters(slot)).collect(),
            equivocators: (1..=limits::MAX_TRIES).map(twice).collect(),
        }
    }
}
