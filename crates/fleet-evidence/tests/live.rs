//! Running sites: answers to a verifier's own nonce, honest and not.
#![allow(clippy::unwrap_used)]

mod support;

use fleet_evidence::folder::{LogHead, Purpose, statement_label};
use fleet_evidence::{
    BundleDocuments, CheckId, Outcome, Round, SiteReply, Trust, VerifiedBundle, verify_bundle, verify_live,
};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use support::world::World;
use support::*;
use vault_protocol::{AUDIT_COUNTS_TYPE, AuditCounts, LiveProof, Signature64, SiteIndex, live_counts_message};

const NONCE: [u8; 32] = [5; 32];
/// One line of a log: the reset, which any log may begin with here, as there is no evidence to go on from.
const LINE: [u8; 32] = {
    let mut line = [0xff; 32];
    (line[0], line[1]) = (0, 1);
    line
};

struct Fleet {
    world: World,
    trust: Trust,
    bundle: VerifiedBundle,
}

fn fleet() -> Fleet {
    let world = World::honest();
    let trust = Trust::new(world.trust.clone()).unwrap();
    let signed = json(&MemoryLog::default().publish(signed(world.evidence().0)));
    let bundle = verify_bundle(&BundleDocuments::alone(&signed), &trust, None, NOW).unwrap();
    Fleet { world, trust, bundle }
}

impl Fleet {
    fn proof(&self, i: usize, nonce: &[u8; 32], change: &dyn Fn(&mut AuditCounts)) -> LiveProof {
        let device = &self.world.devices[i];
        let head = LogHead::of(&LINE);
        let key = device.statement_key(statement_label(Purpose::Live, nonce, &head, &self.bundle.id()));
        let mut counts = AuditCounts {
            kind: AUDIT_COUNTS_TYPE.into(),
            site: SiteIndex(u8::try_from(i + 1).unwrap()),
            bundle: self.bundle.id(),
            serial: device.serial,
            log_number: head.number,
            log_digest: hex::encode(head.digest),
            entries: 1,
            oprf_entries: 0,
            evaluated: 4,
            evaluated_head: hex::encode([7; 32]),
            registration_evaluations: 3,
            repeats: 0,
            at: NOW - 60,
        };
        change(&mut counts);
        let receipt = SigningKey::from(p256(&format!("receipt {}", device.serial)));
        let signature: Signature = receipt.sign(&live_counts_message(nonce, &counts));
        LiveProof {
            head_number: head.number,
            head_digest: head.digest,
            certificate: device.attestation(&key),
            device_chain: device.chain(),
            counts,
            signature: Signature64(signature.to_bytes().into()),
        }
    }

    fn round(&self, change: impl Fn(usize, &mut AuditCounts)) -> Round {
        let reply = |i: usize| {
            let proof = self.proof(i, &NONCE, &|counts| change(i, counts));
            let reply = SiteReply::Proof { proof: Box::new(proof), log: Ok(vec![LINE]) };
            (SiteIndex(u8::try_from(i + 1).unwrap()), reply)
        };
        Round { nonce: NONCE, replies: (0..3).map(reply).collect() }
    }

    /// Outcomes of C1 and C2.
    fn judge(&self, rounds: &[Round]) -> (Outcome, Outcome) {
        let report = verify_live(&self.bundle, None, &self.trust, rounds, NOW);
        let outcome = |id| report.check(id).unwrap().outcome;
        let (c1, c2) = (outcome(CheckId::C1), outcome(CheckId::C2));
        assert_eq!(report.trusted(), c1 != Outcome::Fail && c2 != Outcome::Fail);
        (c1, c2)
    }
}

fn proof_of(round: &mut Round, i: usize) -> &mut LiveProof {
    match &mut round.replies[i].1 {
        SiteReply::Proof { proof, .. } => proof,
        other => panic!("{other:?}"),
    }
}

#[test]
fn honest_answers_pass() {
    let fleet = fleet();
    assert_eq!(fleet.judge(&[fleet.round(|_, _| {})]), (Outcome::Pass, Outcome::Pass));
}

#[test]
fn a_silent_site_leaves_both_checks_open() {
    let fleet = fleet();
    let mut round = fleet.round(|_, _| {});
    round.replies[1].1 = SiteReply::Silent("no connection".into());
    assert_eq!(fleet.judge(&[round.clone()]), (Outcome::NotChecked, Outcome::NotChecked));
    round.replies.remove(1);
    assert_eq!(fleet.judge(&[round]), (Outcome::NotChecked, Outcome::NotChecked));
}

#[test]
fn a_site_that_cannot_prove_itself_is_refused() {
    let fleet = fleet();
    let mut round = fleet.round(|_, _| {});
    round.replies[2].1 = SiteReply::Impostor("it does not hold the fleet key".into());
    assert_eq!(fleet.judge(&[round]), (Outcome::Fail, Outcome::Fail));
}

#[test]
fn an_answer_to_another_question_of_another_device_or_another_line_is_refused() {
    let fleet = fleet();
    let mut replayed = fleet.round(|_, _| {});
    *proof_of(&mut replayed, 1) = fleet.proof(1, &[6; 32], &|_| {});
    let mut swapped = fleet.round(|_, _| {});
    let first = proof_of(&mut swapped, 0).clone();
    proof_of(&mut swapped, 1).certificate = first.certificate;
    let mut relabelled = fleet.round(|_, _| {});
    proof_of(&mut relabelled, 1).head_number += 1;
    let mut other_receipt = fleet.round(|_, _| {});
    proof_of(&mut other_receipt, 1).signature = first.signature;
    for round in [replayed, swapped, relabelled, other_receipt] {
        assert_eq!(fleet.judge(&[round]).0, Outcome::Fail);
    }
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let fleet = fleet();
    let changes: [fn(&mut AuditCounts); 5] = [
        |c| c.oprf_entries = 15,
        |c| c.oprf_entries = 2,
        |c| c.entries = 2,
        |c| c.serial = 1,
        |c| c.site = SiteIndex(3),
    ];
    for change in changes {
        let round = fleet.round(|i, counts| {
            if i == 0 {
                change(counts)
            }
        });
        assert_eq!(fleet.judge(&[round]), (Outcome::Pass, Outcome::Fail));
    }
}

#[test]
fn a_log_without_the_line_that_the_device_vouched_for_is_refused() {
    let fleet = fleet();
    let mut round = fleet.round(|_, counts| counts.entries = 0);
    if let SiteReply::Proof { log, .. } = &mut round.replies[0].1 {
        *log = Ok(vec![]);
    }
    assert_eq!(fleet.judge(&[round.clone()]), (Outcome::Pass, Outcome::Fail));
    if let SiteReply::Proof { log, .. } = &mut round.replies[0].1 {
        *log = Err("too long".into());
    }
    assert_eq!(fleet.judge(&[round]), (Outcome::Pass, Outcome::NotChecked));
}
