//! `keepsake fleet`

use crate::args::Fleet;
use crate::output::Output;
use app::model::FleetReport;
use app::{AppError, Keepsake, Result};
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

pub async fn run(keepsake: &Keepsake, command: Fleet, output: Output) -> Result<ExitCode> {
    let report = match command {
        Fleet::Verify { bundle, trust } => verify(keepsake, &bundle, trust.as_deref()).await?,
        Fleet::Show => app::verify_own_fleet(keepsake).await?,
    };
    let wrong = (!report.trusted).then(|| refused(&report));
    Ok(output.report(&report, words, wrong))
}

async fn verify(keepsake: &Keepsake, bundle: &str, trust: Option<&Path>) -> Result<FleetReport> {
    if bundle.starts_with("http://") || bundle.starts_with("https://") {
        return app::verify_fleet(keepsake, bundle).await;
    }
    app::verify_bundle_file(keepsake, Path::new(bundle), trust).await
}

fn refused(report: &FleetReport) -> AppError {
    let failed: Vec<_> = report.checks.iter().filter(|c| c.outcome == "fail").map(|c| c.id.as_str()).collect();
    AppError::new(
        "fleet_refused",
        format!("{} (failed: {})", report.verdict, failed.join(", ")),
        "No session was opened with this fleet.",
        "Do not type a recovery code. Ask the fleet's operator and its auditor.",
    )
}

fn words(report: &FleetReport) -> String {
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
    for site in &report.sites {
        let _ = writeln!(text, "  site {} {:<12} {}  device {}", site.index, site.region, site.endpoint, site.serial);
    }
    text.push('\n');
    for check in &report.checks {
        let mark = match check.outcome.as_str() {
            "pass" => "ok  ",
            "fail" => "FAIL",
            _ => "open",
        };
        let _ = writeln!(text, "{mark} {:<4} {}\n          {}", check.id, check.plain, check.technical);
    }
    text
}
