//! The page of one epoch.

use super::examined::{Examined, FileLine};
use super::html::{code, commands, date, document, facts, list, outcome, section, table, text};
use super::summary::{began, verdict};
use super::verify::{checked_at, how_to, meaning};
use fleet_evidence::{Check, Outcome, explain};
use maud::{Markup, html};

/// The whole page.
pub(crate) fn epoch(examined: &Examined) -> String {
    let bundle = &examined.signed.bundle;
    let title = format!("{}, epoch {}", bundle.namespace, bundle.epoch);
    let body = html! {
        nav { a href="../index.html" { "All epochs" } }
        h1 { "Fleet " (code(&bundle.namespace)) " " span { "epoch " (bundle.epoch) } }
        (verdict(examined))
        (about(examined))
        (section("Sites", &sites(examined)))
        (section("Who appeared and who left", &changes(examined)))
        (section("Checks", &checks(examined)))
        (meaning(examined.mock))
        (how_to(bundle, &examined.trust_id))
        (section("Evidence files", &files(examined)))
    };
    document(&title, examined.mock, &body)
}

fn about(examined: &Examined) -> Markup {
    let signed = &examined.signed;
    let bundle = &signed.bundle;
    facts(&[
        ("Signed by the auditor", text(&date(signed.auditor.timestamp))),
        ("Valid", html! { (date(bundle.not_before)) " to " (date(bundle.not_after)) }),
        (
            "Needed for a recovery",
            html! { (bundle.threshold) " of " (bundle.sites.len()) " sites" },
        ),
        ("Fleet", code(&bundle.fleet_id.to_string())),
        (
            "Bundle",
            html! { a href={ "../bundles/" (bundle.epoch) } { (code(&bundle.id().to_string())) } },
        ),
        ("Before it", before(examined)),
        (
            "Pinned keys",
            html! { a href="../trust.json" { "trust.json" } " " (code(&examined.trust_id)) },
        ),
    ])
}

fn before(examined: &Examined) -> Markup {
    let bundle = &examined.signed.bundle;
    match (&bundle.previous, bundle.epoch) {
        (Some(id), epoch) if epoch > 1 => {
            html! { a href={ (epoch - 1) ".html" } { "epoch " (epoch - 1) } " " (code(&id.to_string())) }
        }
        _ => text("none, this is the first"),
    }
}

fn sites(examined: &Examined) -> Markup {
    let mut rows = Vec::new();
    for site in &examined.signed.bundle.sites {
        for device in &site.devices {
            let firmware =
                examined.firmware.get(&device.serial).map_or("not stated", String::as_str);
            let make = if examined.mock { " (MOCK)" } else { "" };
            rows.push(vec![
                html! { (site.index) },
                text(&site.region),
                code(&site.endpoint),
                html! { (device.serial) (make) },
                text(firmware),
            ]);
        }
    }
    table(&["Site", "Region", "Address", "Device serial", "Firmware"], &rows)
}

fn changes(examined: &Examined) -> Markup {
    let bundle = &examined.signed.bundle;
    let change = examined.report.changes.iter().find(|c| c.to_epoch == bundle.epoch);
    match change.map(|c| c.sentences()) {
        Some(sentences) if sentences.is_empty() => {
            html! { p { "Nobody: the same devices with the same keys." } }
        }
        Some(sentences) => list(&sentences),
        None if bundle.epoch == 1 => began(bundle),
        None => html! { p { "Unknown: the history could not be verified." } },
    }
}

fn checks(examined: &Examined) -> Markup {
    let rows: Vec<Vec<Markup>> = examined.report.checks.iter().map(row).collect();
    html! {
        (checked_at(&date(examined.signed.auditor.timestamp)))
        (table(&["Check", "Result", "In words"], &rows))
    }
}

fn row(check: &Check) -> Vec<Markup> {
    let result = match check.outcome {
        Outcome::Pass => outcome("good", "passed"),
        Outcome::Fail => outcome("bad", "failed"),
        Outcome::NotChecked => outcome("open", "not checked"),
    };
    let words = html! {
        (check.sentence)
        details {
            summary { "Why, and how it came out" }
            p { (explain(check.id)) }
            p.reason { (check.reason) }
        }
    };
    vec![text(&check.id.to_string()), result, words]
}

fn files(examined: &Examined) -> Markup {
    let epoch = examined.signed.bundle.epoch;
    let row = |file: &FileLine| {
        let link = html! { a href={ "../evidence/" (epoch) "/" (file.path) } { (file.path) } };
        vec![link, html! { (file.bytes) }, code(&file.sha256)]
    };
    let rows: Vec<Vec<Markup>> = examined.files.iter().map(row).collect();
    html! {
        p {
            "All in one file: " a href={ "../evidence/" (epoch) ".tar" } { (epoch) ".tar" }
            ". The bundle names the digest of " code { "manifest.json" }
            ", which names every other file but the four that are signed in themselves or come after it."
        }
        (table(&["File", "Bytes", "SHA-256"], &rows))
        p { "To compare after unpacking:" }
        (commands(&["cd evidence && find . -type f -exec sha256sum {} +".into()]))
    }
}
