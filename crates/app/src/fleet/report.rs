//! A verification report as a person sees it.

use super::FleetFingerprint;
use super::memory::NoticedChange;
use crate::model::{
    CheckOutcome, CheckView, EvidenceView, FleetChangeView, FleetReport, PolicyView, SiteStatus,
};
use fleet_evidence::{Check, EpochChange, Outcome, Report, explain};
use vault_protocol::limits::MAX_TRIES;
use vault_protocol::{Bundle, GuessPolicy, Site};

/// What a report is made of beside its checks.
#[derive(Default)]
pub(crate) struct Findings<'a> {
    /// Id of the trust document.
    pub trust: [u8; 32],
    pub url: Option<&'a str>,
    /// Only a bundle that passed: of a refused one nothing is shown as true.
    pub bundle: Option<&'a Bundle>,
    pub evidence: Option<EvidenceView>,
    pub asked_sites: bool,
    pub noticed: Vec<NoticedChange>,
    pub now: u64,
}

pub(crate) fn fleet_report(report: &Report, findings: Findings<'_>) -> FleetReport {
    let subject = report.subject.as_ref();
    FleetReport {
        trusted: report.trusted(),
        verdict: report.verdict.sentence.clone(),
        mock: report.mock,
        url: findings.url.map(str::to_string),
        trust: hex::encode(findings.trust),
        fingerprint: FleetFingerprint::of(&findings.trust).to_string(),
        namespace: subject.map(|s| s.namespace.clone()).unwrap_or_default(),
        fleet_id: subject.map(|s| s.fleet_id.clone()).unwrap_or_default(),
        epoch: subject.map_or(0, |s| s.epoch),
        threshold: subject.map_or(0, |s| s.threshold),
        policy: findings.bundle.map(policy),
        not_after: findings.bundle.map_or(0, |b| b.not_after),
        sites: findings.bundle.map(|b| b.sites.iter().map(site).collect()).unwrap_or_default(),
        checks: report.checks.iter().map(check).collect(),
        bundle: subject.map(|s| s.bundle.to_string()).unwrap_or_default(),
        checked_at: findings.now,
        next: next(report, findings.evidence.as_ref()),
        evidence: findings.evidence,
        asked_sites: findings.asked_sites,
        changes: changes(report, findings.noticed),
    }
}

/// What was noticed over time; without a memory, what the documents at hand show.
fn changes(report: &Report, noticed: Vec<NoticedChange>) -> Vec<FleetChangeView> {
    if noticed.is_empty() {
        return report.changes.iter().map(|c| change(c, None)).collect();
    }
    noticed.iter().map(|n| change(&n.change, Some(n.at))).collect()
}

fn change(change: &EpochChange, noticed_at: Option<u64>) -> FleetChangeView {
    let mut text = change.sentences();
    if text.is_empty() {
        text.push(format!(
            "Epoch {}: the same sites, devices and keys, signed anew.",
            change.to_epoch
        ));
    }
    FleetChangeView { from_epoch: change.from_epoch, to_epoch: change.to_epoch, noticed_at, text }
}

fn next(report: &Report, evidence: Option<&EvidenceView>) -> String {
    let failed = report.failed();
    let text = match failed.first().map(ToString::to_string) {
        Some(id) if id.starts_with('C') => {
            "Do not type a recovery code. Verify again in some minutes; if the check still fails, tell the auditor which site it names."
        }
        Some(id) if id.starts_with('E') => {
            "Do not type a recovery code. Verify again, in case the evidence was damaged on its way, or load the evidence folder from another place. If it still fails, ask the auditor."
        }
        Some(_) => {
            "Do not type a recovery code. Compare the fleet's address with your recovery sheet, check this computer's clock, and ask the operator and the auditor."
        }
        None if evidence.is_some_and(|e| e.problem.is_some()) => {
            "The evidence is not available. Verify again later, or load the evidence folder from a file."
        }
        None => "",
    };
    text.into()
}

fn check(check: &Check) -> CheckView {
    let outcome = match check.outcome {
        Outcome::Pass => CheckOutcome::Pass,
        Outcome::Fail => CheckOutcome::Fail,
        Outcome::NotChecked => CheckOutcome::NotChecked,
    };
    CheckView {
        id: check.id.to_string(),
        plain: check.sentence.clone(),
        technical: check.reason.clone(),
        outcome,
        why: explain(check.id),
    }
}

/// What the fleet demands before it evaluates a guess, with the bounds that follow
/// (spec/vault-protocol.md section 7.3).
fn policy(bundle: &Bundle) -> PolicyView {
    let sites = bundle.sites.len();
    let quorum = |slot| bundle.policy.quorum(sites, slot);
    let guesses = |bad: usize| {
        (1..=MAX_TRIES)
            .map(|slot| (sites - bad).checked_div(quorum(slot).saturating_sub(bad)).unwrap_or(0))
            .sum()
    };
    let bearable = usize::from(bundle.threshold).saturating_sub(1);
    let few = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    PolicyView {
        strict: bundle.policy == GuessPolicy::Strict,
        votes_first: few(quorum(1)),
        votes_last: few(quorum(MAX_TRIES)),
        guesses: few(guesses(0)),
        guesses_at_worst: few((0..=bearable).map(guesses).max().unwrap_or(0)),
    }
}

/// A site as the bundle names it, not asked yet.
pub(crate) fn site(site: &Site) -> SiteStatus {
    SiteStatus {
        index: site.index.0,
        region: site.region.clone(),
        endpoint: site.endpoint.clone(),
        serial: site.device().map_or(0, |d| d.serial),
        session_key: site.device().map(|d| d.session_key.to_string()).unwrap_or_default(),
        reachable: false,
        problem: None,
        caught: vec![],
    }
}
