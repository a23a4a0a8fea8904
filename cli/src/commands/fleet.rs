//! `keepsake fleet`

use crate::args::{Fleet, FleetVerify};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::words;
use app::model::{CheckOutcome, FleetHistory, FleetReport};
use app::{Keepsake, OfflineVerify, VerifyOptions};
use std::fmt::Write;
use std::process::ExitCode;

pub(super) async fn run(keepsake: &Keepsake, command: Fleet, output: Output) -> Result<ExitCode> {
    let report = match command {
        Fleet::Verify(FleetVerify { explain: Some(check), .. }) => return explain(&check, output),
        Fleet::Verify(request) => verify(keepsake, request).await?,
        Fleet::Show => app::verify_own_fleet(keepsake).await?,
        Fleet::History { fleet } => {
            output.result(&app::fleet_history(keepsake, &fleet).await?, history);
            return Ok(ExitCode::SUCCESS);
        }
    };
    let wrong = (!report.trusted).then(|| refused(&report));
    Ok(output.report(&report, in_words, wrong))
}

async fn verify(keepsake: &Keepsake, request: FleetVerify) -> Result<FleetReport> {
    let bundle = request.bundle.unwrap_or_default();
    let report = if bundle.starts_with("http://") || bundle.starts_with("https://") {
        let options =
            VerifyOptions { evidence: request.evidence, live: request.live.unwrap_or(true) };
        app::verify_fleet_with(keepsake, &bundle, &options).await?
    } else {
        let FleetVerify { trust, evidence, history, seen, consistency, at, .. } = request;
        let offline = OfflineVerify {
            bundle: bundle.into(),
            trust,
            evidence,
            history,
            seen,
            consistency,
            at,
        };
        app::verify_bundle_file(keepsake, &offline).await?
    };
    if let Some(path) = request.save {
        app::save_fleet_report(&report, &path)?;
    }
    Ok(report)
}

fn explain(check: &str, output: Output) -> Result<ExitCode> {
    let text = app::explain_check(check).ok_or_else(|| {
        Failure::new(
            "no_such_check",
            format!("There is no check {check}."),
            "Nothing was verified.",
            "Checks are B0 to B8 (signed keys), E0 to E13 (evidence), C1 to C3 (running sites).",
        )
    })?;
    output.result(&serde_json::json!({ "check": check.to_uppercase(), "text": text }), |_| {
        text.clone()
    });
    Ok(ExitCode::SUCCESS)
}

fn refused(report: &FleetReport) -> Failure {
    let failed: Vec<_> = report
        .checks
        .iter()
        .filter(|c| c.outcome == CheckOutcome::Fail)
        .map(|c| c.id.as_str())
        .collect();
    let happened = format!("{} (failed: {})", report.verdict, failed.join(", "));
    Failure::new("fleet_refused", happened, "No code was sent to this fleet.", &report.next)
}

fn in_words(report: &FleetReport) -> String {
    let mut text = format!("{}\n\n", report.verdict);
    if !report.fleet_id.is_empty() {
        let _ = writeln!(
            text,
            "fleet {} of {}, epoch {}, {} sites, {} needed",
            report.fleet_id,
            report.namespace,
            report.epoch,
            report.sites.len(),
            report.threshold
        );
    }
    if report.trusted {
        let _ = writeln!(text, "fingerprint {} (as on a recovery sheet)", report.fingerprint);
    }
    if let Some(policy) = &report.policy {
        let _ = writeln!(text, "{}", words::policy(policy, report.sites.len()));
    }
    if report.url.is_none() {
        let _ = writeln!(
            text,
            "trust {} (must be the part after # in the fleet's address)",
            report.trust
        );
    }
    for site in &report.sites {
        let _ = write!(
            text,
            "  site {} {:<12} {}  device {}",
            site.index, site.region, site.endpoint, site.serial
        );
        let _ = writeln!(
            text,
            "{}",
            site.problem.as_ref().map(|p| format!("  ({p})")).unwrap_or_default()
        );
    }
    if let Some(evidence) = &report.evidence {
        let what = evidence.problem.clone().unwrap_or_else(|| format!("{} files", evidence.files));
        let _ = writeln!(text, "evidence {}: {what}", evidence.source);
    }
    for line in report.changes.iter().flat_map(|change| &change.text) {
        let _ = writeln!(text, "changed: {line}");
    }
    if report.trusted && !report.next.is_empty() {
        let _ = writeln!(text, "\nAttention: {}", report.next);
    }
    text.push('\n');
    for check in &report.checks {
        let mark = match check.outcome {
            CheckOutcome::Pass => "ok  ",
            CheckOutcome::Fail => "FAIL",
            CheckOutcome::NotChecked => "open",
        };
        let _ =
            writeln!(text, "{mark} {:<4} {}\n          {}", check.id, check.plain, check.technical);
    }
    text
}

fn history(history: &FleetHistory) -> String {
    let mock = if history.mock { "MOCK fleet: emulated devices. " } else { "" };
    let mut text = format!("{mock}Fleet {} of {}\n", history.fleet_id, history.namespace);
    for epoch in &history.epochs {
        let revoked = if epoch.revoked { "  REVOKED" } else { "" };
        let _ = writeln!(
            text,
            "\nepoch {}  signed {}  {} sites, {} needed, keys since epoch {}{revoked}\n  {}",
            epoch.epoch,
            crate::output::when(
                i64::try_from(epoch.signed_at).map_or(i64::MAX, |s| s.saturating_mul(1000))
            ),
            epoch.sites,
            epoch.threshold,
            epoch.keys_since,
            epoch.bundle
        );
        for change in &epoch.changes {
            let _ = writeln!(text, "  {change}");
        }
    }
    text
}
