//! A verification report to keep or to pass on.

use crate::model::{CheckOutcome, CheckView, FleetReport};
use crate::{AppError, Result};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::path::Path;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;\
padding:0 1rem}td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}\
small{color:#555}.fail{color:#a00;font-weight:600}";

/// Forbids script and everything from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Writes the report as JSON, or as a page to read if the name ends in `.html`. No value in it is
/// secret.
///
/// # Errors
/// The file cannot be written.
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

/// What a fleet calls itself is text here, whatever stands in it: `maud` escapes it.
fn page(report: &FleetReport) -> String {
    let changes: Vec<&String> = report.changes.iter().flat_map(|change| &change.text).collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "Fleet " (report.fleet_id) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (report.verdict) }
                p { (report.next) }
                p {
                    "Fleet " (report.fleet_id) " of " (report.namespace) ", epoch " (report.epoch)
                    ", bundle " code { (report.bundle) } ", trust id " code { (report.trust) }
                    ". Verified at unix time " (report.checked_at) "."
                }
                h2 { "Sites" }
                table {
                    @for site in &report.sites {
                        tr {
                            td { (site.index) }
                            td { (site.region) }
                            td { (site.endpoint) }
                            td { "device " (site.serial) }
                        }
                    }
                }
                h2 { "Checks" }
                table { @for check in &report.checks { (row(check)) } }
                @if !changes.is_empty() {
                    h2 { "What changed" }
                    ul { @for text in changes { li { (text) } } }
                }
            }
        }
    };
    visible(&page.into_string())
}

fn row(check: &CheckView) -> Markup {
    let mark = match check.outcome {
        CheckOutcome::Pass => "passed",
        CheckOutcome::Fail => "FAILED",
        CheckOutcome::NotChecked => "not checked",
    };
    let class = (check.outcome == CheckOutcome::Fail).then_some("fail");
    html! {
        tr {
            td { (check.id) }
            td class=[class] { (mark) }
            td { (check.plain) br; small { (check.technical) } }
        }
    }
}

/// Control characters and those that reorder or hide words become a mark that is seen. The page
/// itself has none.
fn visible(page: &str) -> String {
    let is_hidden = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || c == '\u{feff}'
            || c.is_control()
    };
    page.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_fleet_calls_itself_cannot_become_markup_nor_turn_words_around() {
        let check = CheckView {
            id: "B0".into(),
            plain: "<script>\u{202e}".into(),
            technical: "a & \"b\"".into(),
            outcome: CheckOutcome::Fail,
            why: String::new(),
        };
        let out = visible(&row(&check).into_string());
        assert!(out.contains("&lt;script&gt;\u{fffd}"), "{out}");
        assert!(out.contains("a &amp; &quot;b&quot;") && !out.contains("<script"), "{out}");
        assert!(out.contains("class=\"fail\""), "{out}");
    }
}
