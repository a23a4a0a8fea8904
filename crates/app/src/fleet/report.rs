//! A verification report as a person sees it.

use crate::model::{CheckView, FleetReport, SiteStatus};
use fleet_evidence::{Check, Outcome, Report, VerifiedBundle};
use vault_protocol::Site;

/// The report on a bundle that passed.
pub(crate) fn report(url: &str, verified: &VerifiedBundle) -> FleetReport {
    let bundle = verified.bundle();
    FleetReport {
        threshold: bundle.threshold,
        not_after: bundle.not_after,
        sites: bundle.sites.iter().map(site).collect(),
        ..refused_report(Some(url), verified.report())
    }
}

/// The report on a bundle that was refused: its sites are not shown, for nothing in it is believed.
pub(crate) fn refused_report(url: Option<&str>, report: &Report) -> FleetReport {
    let subject = report.subject.as_ref();
    FleetReport {
        trusted: report.trusted(),
        verdict: report.verdict.sentence.clone(),
        mock: report.mock,
        url: url.map(str::to_string),
        namespace: subject.map(|s| s.namespace.clone()).unwrap_or_default(),
        fleet_id: subject.map(|s| s.fleet_id.clone()).unwrap_or_default(),
        epoch: subject.map_or(0, |s| s.epoch),
        threshold: subject.map_or(0, |s| s.threshold),
        not_after: 0,
        sites: vec![],
        checks: report.checks.iter().map(check).collect(),
    }
}

fn check(check: &Check) -> CheckView {
    let outcome = match check.outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::NotChecked => "not_checked",
    };
    CheckView {
        id: check.id.to_string(),
        plain: check.sentence.clone(),
        technical: check.reason.clone(),
        outcome: outcome.into(),
    }
}

/// A site as the bundle names it, not asked yet.
pub(crate) fn site(site: &Site) -> SiteStatus {
    SiteStatus {
        index: site.index.0,
        region: site.region.clone(),
        endpoint: site.endpoint.clone(),
        serial: site.device().map_or(0, |d| d.serial),
        reachable: false,
        problem: None,
    }
}
