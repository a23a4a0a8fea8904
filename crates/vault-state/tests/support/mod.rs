//! A fleet of honest sites that a test drives by hand, with signatures that cost nothing.
#![allow(dead_code)]

use vault_facts::testing::SymbolicSignatures;
use vault_facts::{FleetKeys, Proofs, VoteKeys};
use vault_protocol::*;
use vault_state::{PasskeyVerifier, Registered, Signer, Site, SiteAccount, Vote};

pub(crate) const START: u64 = 1_800_000_000;

/// Keys of a fleet, certified and known to everybody.
pub(crate) struct Fleet {
    pub keys: FleetKeys,
    pub vote_keys: VoteKeys,
}

/// Votes in one site's name.
pub(crate) struct ToySigner(pub u8);

impl Signer for ToySigner {
    fn key(&self) -> VoteKey {
        VoteKey([self.0; 32])
    }

    fn sign(&self, message: &[u8]) -> Signature64 {
        SymbolicSignatures::sign(&[self.0; 32], message)
    }
}

impl Fleet {
    pub(crate) fn new(sites: u8, policy: GuessPolicy) -> Self {
        let receipt_key = |site: u8| Point([site; 65]);
        let keys = FleetKeys {
            digest: KeysDigest([7; 32]),
            threshold: sites / 2 + 1,
            policy,
            receipt_keys: (1..=sites).map(|site| vec![receipt_key(site)]).collect(),
        };
        let mut vote_keys = VoteKeys::default();
        for site in 1..=sites {
            let index = SiteIndex(site);
            let key = ToySigner(site).key();
            let message = VoteKeyCertificate::message(&keys.digest, index, START, &key);
            let signature = SymbolicSignatures::sign(&receipt_key(site).0, &message);
            let certificate = VoteKeyCertificate { site: index, started: START, key, signature };
            assert!(vote_keys.learn(&keys, &SymbolicSignatures, &certificate));
        }
        Self { keys, vote_keys }
    }

    pub(crate) fn proofs(&self) -> Proofs<'_> {
        Proofs { keys: &self.keys, vote_keys: &self.vote_keys, signatures: &SymbolicSignatures }
    }

    pub(crate) fn site<'a>(&'a self, signer: &'a ToySigner) -> Site<'a> {
        Site {
            index: SiteIndex(signer.0),
            serial: serial(signer.0),
            proofs: self.proofs(),
            signer,
            passkeys: &ToyPasskeys,
        }
    }

    /// As if `site` said it.
    pub(crate) fn said(&self, site: u8, of: &StatementOf<'_>) -> Statement {
        let message = of.message(&self.keys.digest, SiteIndex(site));
        let signer = ToySigner(site);
        Statement { site: SiteIndex(site), key: signer.key(), signature: signer.sign(&message) }
    }

    /// Tickets of all sites.
    pub(crate) fn admission(&self, account: AccountId) -> Admission {
        let sites = 1..=u8::try_from(self.keys.sites()).expect("few sites");
        let ticket = StatementOf::Ticket { account };
        Admission::Tickets(sites.map(|site| self.said(site, &ticket)).collect())
    }

    /// Receipts of these sites for a try.
    pub(crate) fn round_end(&self, tried: &Try, sites: &[u8]) -> RoundEnd {
        let of = StatementOf::Receipt {
            account: tried.account,
            version: tried.version,
            tried: tried.id(&self.keys.digest),
            round: tried.round,
        };
        let receipts = sites.iter().map(|site| self.said(*site, &of)).collect();
        let proof = RoundEndProof::Receipts {
            version: tried.version,
            tried: tried.id(&self.keys.digest),
            receipts,
        };
        RoundEnd { round: tried.round, proof }
    }

    pub(crate) fn votes(&self, tried: &Try, sites: &[u8]) -> Vec<SlotVote> {
        let id = tried.id(&self.keys.digest);
        let of = StatementOf::Vote { slot: tried.slot_id(&self.keys.digest), tried: id };
        let vote = |site: &u8| SlotVote {
            round: tried.round,
            slot: tried.slot,
            tried: id,
            statement: self.said(*site, &of),
        };
        sites.iter().map(vote).collect()
    }

    pub(crate) fn certificate(&self, tried: &Try, sites: &[u8]) -> Certificate {
        let votes = self.votes(tried, sites).into_iter().map(|vote| vote.statement).collect();
        Certificate { tried: *tried, votes }
    }
}

pub(crate) fn serial(site: u8) -> u32 {
    1000 + u32::from(site)
}

/// Somebody with an account. Her private keys are her public ones.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub claim: Claim,
    pub access: AccessKey,
    pub code: CodeOrigin,
    pub keys: KeysDigest,
    pub sites: u8,
    pub max_tries: u8,
}

impl Person {
    pub(crate) fn new(fleet: &Fleet, code: CodeOrigin) -> Self {
        Self {
            claim: Claim { owner: OwnerKey([0xaa; 32]), nonce: [1; 16] },
            access: AccessKey([0xbb; 32]),
            code,
            keys: fleet.keys.digest,
            sites: u8::try_from(fleet.keys.sites()).expect("few sites"),
            max_tries: limits::MAX_TRIES,
        }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.claim.account()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature64 {
        SymbolicSignatures::sign(&self.claim.owner.0, message)
    }

    pub(crate) fn record(&self, version: Version) -> SealedRecord {
        let access = AccessOpening { salt: [3; 32], key: self.access };
        let content = u8::try_from(version).expect("a small version");
        let boxes: Vec<_> = (1..=self.sites)
            .map(|site| DeviceBox {
                site: SiteIndex(site),
                serial: serial(site),
                sealed: SealedBox(vec![site, content]),
            })
            .collect();
        let record = Record {
            claim: self.claim,
            version,
            keys: self.keys,
            access: access.commitment(),
            parameters: CodeParameters { memory_kib: 1, passes: 1, lanes: 1 },
            policy: Policy { max_tries: self.max_tries, code: self.code },
            commitment: [4; 32],
            boxes: boxes_digest(&boxes),
        };
        let signature = self.sign(&record.message());
        let signed = SignedRecord { record, signature };
        SealedRecord { signed, sealed: Sealed { access, boxes } }
    }

    /// A try with the element `alpha`, which stands for a guess.
    pub(crate) fn tried(&self, round: Round, slot: Slot, alpha: u8, at: u64) -> Try {
        self.tried_at_version(1, round, slot, alpha, at)
    }

    pub(crate) fn tried_at_version(
        &self,
        version: Version,
        round: Round,
        slot: Slot,
        alpha: u8,
        at: u64,
    ) -> Try {
        let mut tried = Try {
            account: self.account(),
            version,
            round,
            slot,
            alpha: alpha_digest(&point(alpha)),
            at,
            signature: Signature64([0; 64]),
        };
        tried.signature = SymbolicSignatures::sign(&self.access.0, &tried.message(&self.keys));
        tried
    }

    pub(crate) fn removal(&self) -> Removal {
        let signature = self.sign(&removal_message(&self.keys, &self.account()));
        Removal { claim: self.claim, signature }
    }

    pub(crate) fn reset(&self, round: Round) -> RoundEnd {
        let signature = self.sign(&reset_message(&self.keys, &self.account(), round));
        RoundEnd { round, proof: RoundEndProof::Reset { signature } }
    }

    pub(crate) fn roster(&self, number: RosterNumber, passkeys: &[&PasskeyRecord]) -> SignedRoster {
        let passkeys = passkeys.iter().map(|p| p.digest()).collect();
        let roster = Roster { claim: self.claim, number, passkeys };
        let signature = self.sign(&roster.message(&self.keys));
        SignedRoster { roster, signature }
    }

    /// A passkey whose answers are what [`ToyPasskeys`] takes.
    pub(crate) fn passkey(&self, number: RosterNumber, credential: u8) -> PasskeyRecord {
        let nonces: Vec<_> = (1..=self.sites).map(|site| nonce(site, 0)).collect();
        let registration = vec![credential, 0];
        let boxes: Vec<_> = (1..=self.sites)
            .map(|site| DeviceBox {
                site: SiteIndex(site),
                serial: serial(site),
                sealed: SealedBox(vec![site, credential]),
            })
            .collect();
        let head = PasskeyHead {
            account: self.account(),
            keys: self.keys,
            number,
            credential: vec![credential],
            commitment: [5; 32],
            registration: registration_digest(&nonces, &registration),
            boxes: boxes_digest(&boxes),
        };
        PasskeyRecord { head, nonces, registration, boxes }
    }
}

pub(crate) fn nonce(site: u8, session: u8) -> SiteNonce {
    SiteNonce { site: SiteIndex(site), nonce: [session; 32], handshake: [session ^ 0x80; 32] }
}

pub(crate) fn point(alpha: u8) -> Point {
    Point([alpha; 65])
}

/// An answer is its credential, its counter, and the first byte of the challenge.
pub(crate) struct ToyPasskeys;

impl PasskeyVerifier for ToyPasskeys {
    fn registration(&self, _: &[u8; 32], credential: &[u8], registration: &[u8]) -> Option<u32> {
        match registration {
            [id, counter] if *credential == [*id] => Some(u32::from(*counter)),
            _ => None,
        }
    }

    fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>> {
        assertion.first().map(|id| vec![*id])
    }

    fn assertion(
        &self,
        registered: &Registered<'_>,
        challenge: &[u8; 32],
        assertion: &[u8],
    ) -> Option<u32> {
        let [_, counter, signed] = *assertion else { return None };
        let beyond = u32::from(counter) > registered.counter;
        (beyond && signed == challenge[0]).then_some(u32::from(counter))
    }
}

/// A site with this account as it is after registration.
pub(crate) fn registered(fleet: &Fleet, person: &Person, site: u8) -> SiteAccount {
    let signer = ToySigner(site);
    let admission = fleet.admission(person.account());
    let site = fleet.site(&signer);
    site.register(None, &person.record(1), Some(&admission), START)
        .expect("an honest registration is taken")
}

/// Asks one site for its vote.
pub(crate) fn vote(
    fleet: &Fleet,
    site: u8,
    account: &mut SiteAccount,
    tried: &Try,
    now: u64,
) -> Result<Vote, Refusal> {
    let signer = ToySigner(site);
    fleet.site(&signer).vote(account, tried, now)
}

/// Tells one site facts.
pub(crate) fn learn(fleet: &Fleet, site: u8, account: &mut SiteAccount, news: News, now: u64) {
    let signer = ToySigner(site);
    fleet.site(&signer).learn(account, &news, now);
}

pub(crate) fn votes(votes: Vec<SlotVote>) -> News {
    News { votes, ..News::default() }
}

pub(crate) fn ended(end: RoundEnd) -> News {
    News { round_end: Some(end), ..News::default() }
}
