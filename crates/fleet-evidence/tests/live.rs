//! Running sites: answers to a verifier's own nonce, honest and not.
#![allow(clippy::unwrap_used)]

mod support;

use fleet_evidence::device_profile::command;
use fleet_evidence::folder::{EvidenceFolder, Head, Purpose, statement_label};
use fleet_evidence::{
    BundleDocuments, Check, CheckId, Outcome, Round, SiteReply, Trust, VerifiedBundle,
    VerifiedEvidence, verify_bundle, verify_evidence, verify_live,
};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use support::devices::{Line, chained_after};
use support::world::World;
use support::*;
use vault_protocol::{
    AUDIT_COUNTS_TYPE, AuditCounts, LiveProof, Signature64, SiteIndex, live_counts_message,
};

const NONCE: [u8; 32] = [5; 32];
/// One line of a log: power came on. Any line may be the first here, as there is no evidence to go
/// on from.
const LINE: [u8; 32] = {
    let mut line = [0; 32];
    line[1] = 2;
    (line[5], line[6]) = (0xff, 0xff);
    line
};

struct Fleet {
    world: World,
    trust: Trust,
    bundle: VerifiedBundle,
    evidence: VerifiedEvidence,
}

fn fleet() -> Fleet {
    let world = World::honest();
    let trust = Trust::new(world.trust.clone()).unwrap();
    let (bundle, files) = world.evidence();
    let signed = json(&MemoryLog::default().publish(signed(bundle)));
    let bundle = verify_bundle(&BundleDocuments::alone(&signed), &trust, None, NOW).unwrap();
    let evidence =
        verify_evidence(&bundle, &trust, &EvidenceFolder::new(files).unwrap(), NOW).unwrap();
    Fleet { world, trust, bundle, evidence }
}

impl Fleet {
    fn proof(&self, i: usize, nonce: &[u8; 32], change: &dyn Fn(&mut AuditCounts)) -> LiveProof {
        self.proof_at(i, nonce, Head::of(&LINE), change)
    }

    fn proof_at(
        &self,
        i: usize,
        nonce: &[u8; 32],
        head: Head,
        change: &dyn Fn(&mut AuditCounts),
    ) -> LiveProof {
        let device = &self.world.devices[i];
        let key =
            device.statement_key(statement_label(Purpose::Live, nonce, &head, &self.bundle.id()));
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

    /// Each site's device did these things after its ceremony.
    fn round_of_logs(&self, lines: impl Fn(usize) -> Vec<Line>) -> Round {
        let reply = |i: usize| {
            let start = self.world.devices[i].head();
            let log = chained_after(start, &lines(i));
            let head = log.last().map_or(start, Head::of);
            let entries = log.len() as u64;
            let proof = self.proof_at(i, &NONCE, head, &|counts| counts.entries = entries);
            (
                SiteIndex(u8::try_from(i + 1).unwrap()),
                SiteReply::Proof { proof: Box::new(proof), log: Ok(log) },
            )
        };
        Round { nonce: NONCE, replies: (0..3).map(reply).collect() }
    }

    /// One check of such a round, with the evidence at hand.
    fn check(&self, id: CheckId, lines: impl Fn(usize) -> Vec<Line>) -> Check {
        let report = verify_live(
            &self.bundle,
            Some(&self.evidence),
            &self.trust,
            &[self.round_of_logs(lines)],
            NOW,
        );
        report.check(id).unwrap().clone()
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

fn by(session: u16, command: u8, target: u16, second: u16) -> Line {
    Line { session, ..Line::of(command, target, second) }
}

/// The ceremony's statement.
fn statement() -> Vec<Line> {
    let by = |command, second| by(0x0202, command, 0x0401, second);
    vec![
        by(command::GENERATE_ASYMMETRIC_KEY, 0xffff),
        by(command::SIGN_ATTESTATION_CERTIFICATE, 0),
        by(command::DELETE_OBJECT, 0xffff),
    ]
}

fn own(login: u16) -> Line {
    by(login, command::CHANGE_AUTHENTICATION_KEY, login, 0xffff)
}

fn receipt() -> Line {
    by(0x0201, command::SIGN_ECDSA, 0x0104, 0xffff)
}

/// Statement, both changes, and a restart; then whatever comes.
fn started(more: &[Line]) -> Vec<Line> {
    [&statement()[..], &[own(0x0201), own(0x0202), Line::boot()], more].concat()
}

#[test]
fn sites_that_made_their_logins_their_own_pass() {
    let fleet = fleet();
    for id in [CheckId::C1, CheckId::C2, CheckId::C3] {
        let check = fleet.check(id, |_| started(&[receipt()]));
        assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
    }
    let report = verify_live(
        &fleet.bundle,
        None,
        &fleet.trust,
        &[fleet.round_of_logs(|_| started(&[]))],
        NOW,
    );
    let without_evidence = report.check(CheckId::C3).unwrap();
    assert_eq!(without_evidence.outcome, Outcome::NotChecked, "{without_evidence:?}");
    assert!(report.trusted());
}

#[test]
fn before_a_site_started_it_is_said_to_come() {
    let fleet = fleet();
    let not_yet: [fn(usize) -> Vec<Line>; 3] = [
        |_| vec![],
        |_| statement(),
        |i| if i == 1 { [&statement()[..], &[own(0x0201)]].concat() } else { started(&[]) },
    ];
    for lines in not_yet {
        let check = fleet.check(CheckId::C3, lines);
        assert_eq!(check.outcome, Outcome::NotChecked, "{check:?}");
        assert!(check.sentence.starts_with("Not yet: "), "{check:?}");
        assert_eq!(fleet.check(CheckId::C2, lines).outcome, Outcome::Pass);
    }
    let check = fleet.check(CheckId::C3, |i| if i == 1 { statement() } else { started(&[]) });
    assert!(
        check.reason.contains("site 2: logins 0x0201 and 0x0202 still have"),
        "{}",
        check.reason
    );
}

#[test]
fn a_login_that_changed_again_or_was_used_before_fails_that_check() {
    let fleet = fleet();
    let failed = Line { ok: false, ..own(0x0202) };
    let wrong: [(&str, Vec<Line>); 5] = [
        ("a second time", started(&[own(0x0201)])),
        ("a second time", started(&[failed])),
        (
            "tried to give another key",
            started(&[by(0x0201, command::CHANGE_AUTHENTICATION_KEY, 0x0202, 0xffff)]),
        ),
        ("before its site", [&[receipt()][..], &started(&[])].concat()),
        ("before its site", [&[own(0x0201)][..], &statement(), &[own(0x0202)]].concat()),
    ];
    for (expected, lines) in wrong {
        let only_third = |i| if i == 2 { lines.clone() } else { started(&[]) };
        let check = fleet.check(CheckId::C3, only_third);
        assert_eq!(check.outcome, Outcome::Fail, "{check:?}");
        assert!(
            check.reason.starts_with("site 3") && check.reason.contains(expected),
            "{}",
            check.reason
        );
        assert_eq!(
            fleet.check(CheckId::C2, only_third).outcome,
            Outcome::Pass,
            "it is the other check's business"
        );
    }
}

#[test]
fn a_published_log_that_shows_anybody_elses_work_fails() {
    let fleet = fleet();
    let opening =
        Line { session: 0xffff, ..Line::of(command::AUTHENTICATE_SESSION, 0x0999, 0xffff) };
    let wrong: [(&str, Line); 6] = [
        ("login 0x0001, which no site has", by(0x0001, command::DERIVE_ECDH, 0x0101, 0xffff)),
        ("login 0x0999, which no site has", opening),
        ("login 0x0999, which no site has", by(0x0999, 0x54, 0x0101, 0xffff)),
        ("outside of every session", by(0xffff, command::DERIVE_ECDH, 0x0101, 0xffff)),
        ("no site does this", by(0x0201, command::EXPORT_WRAPPED, 0x0301, 0x0103)),
        ("no site does this", by(0x0202, command::SIGN_ATTESTATION_CERTIFICATE, 0x0101, 0)),
    ];
    for (expected, line) in wrong {
        let check = fleet.check(CheckId::C2, |_| started(&[line]));
        assert_eq!(check.outcome, Outcome::Fail, "{check:?}");
        assert!(check.reason.contains(expected), "{}", check.reason);
        assert_eq!(fleet.check(CheckId::C3, |_| started(&[line])).outcome, Outcome::Pass);
    }
}
