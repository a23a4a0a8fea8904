//! A verification report to keep or to pass on.

use crate::model::{CheckOutcome, CheckView, FleetReport};
use crate::{AppError, Result};
use std::fmt::Write;
use std::path::Path;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}small{color:#555}.fail{color:#a00;font-weight:600}";

/// Writes the report as JSON, or as a page to read if the name ends in `.html`. No value in it is
/// secret.
pub fn save_fleet_report(report: &FleetReport, path: &Path) -> Result<()> {
    let html = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    let bytes = if html {
        page(report).into_bytes()
    } else {
        serde_json::to_vec_pretty(report).expect("a report is plain data")
    };
    durable_files::write_private(path, &bytes).map_err(|e| AppError::disk("saving the report", &e))
}

fn page(report: &FleetReport) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Fleet {}</title><style>{STYLE}</style>",
        escape(&report.fleet_id)
    );
    let _ = write!(out, "<h1>{}</h1><p>{}</p>", escape(&report.verdict), escape(&report.next));
    let _ = write!(
        out,
        "<p>Fleet {} of {}, epoch {}, bundle <code>{}</code>, trust id <code>{}</code>. Verified at unix time {}.</p><h2>Sites</h2><table>",
        escape(&report.fleet_id),
        escape(&report.namespace),
        report.epoch,
        escape(&report.bundle),
        escape(&report.trust),
        report.checked_at
    );
    for site in &report.sites {
        let (region, endpoint) = (escape(&site.region), escape(&site.endpoint));
        let _ = write!(
            out,
            "<tr><td>{}<td>{region}<td>{endpoint}<td>device {}",
            site.index, site.serial
        );
    }
    out.push_str("</table><h2>Checks</h2><table>");
    report.checks.iter().for_each(|check| row(&mut out, check));
    out.push_str("</table>");
    let texts = report.changes.iter().flat_map(|c| &c.text);
    let changes: String = texts.map(|text| format!("<li>{}", escape(text))).collect();
    if !changes.is_empty() {
        let _ = write!(out, "<h2>What changed</h2><ul>{changes}</ul>");
    }
    out
}

fn row(out: &mut String, check: &CheckView) {
    let mark = match check.outcome {
        CheckOutcome::Pass => "passed",
        CheckOutcome::Fail => "FAILED",
        CheckOutcome::NotChecked => "not checked",
    };
    let class = if check.outcome == CheckOutcome::Fail { " class=\"fail\"" } else { "" };
    let (plain, technical) = (escape(&check.plain), escape(&check.technical));
    let _ = write!(
        out,
        "<tr><td>{}<td{class}>{mark}<td>{plain}<br><small>{technical}</small>",
        escape(&check.id)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_fleet_calls_itself_cannot_become_markup() {
        let check = CheckView {
            id: "B0".into(),
            plain: "<script>".into(),
            technical: "a & \"b\"".into(),
            outcome: CheckOutcome::Fail,
            why: String::new(),
        };
        let mut out = String::new();
        row(&mut out, &check);
        assert!(
            out.contains("&lt;script&gt;")
                && out.contains("a &amp; &quot;b&quot;")
                && !out.contains("<script")
        );
    }
}
