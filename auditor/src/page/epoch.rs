use super::html::{code, commands, date, document, escape, facts, section, table};
use super::{Examined, verify};
use fleet_evidence::{Check, Outcome, explain};
use vault_protocol::Bundle;

/// The page of one epoch.
pub(crate) fn epoch(examined: &Examined) -> String {
    let bundle = &examined.signed.bundle;
    let title = format!("{}, epoch {}", bundle.namespace, bundle.epoch);
    let body = [
        format!(
            "<nav><a href=\"../index.html\">All epochs</a></nav>\n<h1>Fleet {} <span>epoch {}</span></h1>\n",
            code(&bundle.namespace),
            bundle.epoch
        ),
        verdict(examined),
        about(examined),
        section("Sites", &sites(examined)),
        section("Who appeared and who left", &changes(examined)),
        section("Checks", &checks(examined)),
        verify::meaning(examined.mock),
        verify::how_to(bundle, &examined.trust_id),
        section("Evidence files", &files(examined)),
    ];
    document(&title, examined.mock, &body.concat())
}

/// The sentence on top, in the colour of its outcome.
pub(super) fn verdict(examined: &Examined) -> String {
    let verdict = &examined.report.verdict;
    let class = match (verdict.trusted, examined.mock) {
        (false, _) => "bad",
        (true, true) => "mocked",
        (true, false) => "good",
    };
    format!("<p class=\"verdict {class}\">{}</p>\n", escape(&verdict.sentence))
}

fn about(examined: &Examined) -> String {
    let (bundle, signed) = (&examined.signed.bundle, &examined.signed);
    let previous = match (&bundle.previous, bundle.epoch) {
        (Some(id), epoch) if epoch > 1 => {
            format!("<a href=\"{0}.html\">epoch {0}</a> {1}", epoch - 1, code(&id.to_string()))
        }
        _ => "none, this is the first".into(),
    };
    facts(&[
        ("Signed by the auditor", escape(&date(signed.auditor.timestamp))),
        ("Valid", escape(&format!("{} to {}", date(bundle.not_before), date(bundle.not_after)))),
        ("Needed for a recovery", format!("{} of {} sites", bundle.threshold, bundle.sites.len())),
        ("Fleet", code(&bundle.fleet_id.to_string())),
        ("Bundle", format!("<a href=\"../bundles/{}\">{}</a>", bundle.epoch, code(&bundle.id().to_string()))),
        ("Before it", previous),
        ("Pinned keys", format!("<a href=\"../trust.json\">trust.json</a> {}", code(&examined.trust_id))),
    ])
}

fn sites(examined: &Examined) -> String {
    let mut rows = Vec::new();
    for site in &examined.signed.bundle.sites {
        for device in &site.devices {
            let firmware = examined.firmware.get(&device.serial).map_or("not stated", String::as_str);
            let make = if examined.mock { " (MOCK)" } else { "" };
            rows.push(vec![
                site.index.0.to_string(),
                escape(&site.region),
                code(&site.endpoint),
                format!("{}{make}", device.serial),
                escape(firmware),
            ]);
        }
    }
    table(&["Site", "Region", "Address", "Device serial", "Firmware"], &rows)
}

fn changes(examined: &Examined) -> String {
    let bundle = &examined.signed.bundle;
    let change = examined.report.changes.iter().find(|c| c.to_epoch == bundle.epoch);
    match change.map(|c| c.sentences()) {
        Some(sentences) if sentences.is_empty() => "<p>Nobody: the same devices with the same keys.</p>\n".into(),
        Some(sentences) => super::html::list(&sentences),
        None if bundle.epoch == 1 => began(bundle),
        None => "<p>Unknown: the history could not be verified.</p>\n".into(),
    }
}

/// How the first epoch reads in a history.
pub(super) fn began(bundle: &Bundle) -> String {
    let devices = bundle.sites.iter().flat_map(|s| s.devices.iter().map(move |d| (s, d)));
    let line = |(site, device): (&vault_protocol::Site, &vault_protocol::Device)| {
        format!("Epoch {}: device {} in {} ({}) began.", bundle.epoch, device.serial, site.region, site.endpoint)
    };
    super::html::list(&devices.map(line).collect::<Vec<_>>())
}

fn checks(examined: &Examined) -> String {
    let rows: Vec<Vec<String>> = examined.report.checks.iter().map(row).collect();
    verify::checked_at(&date(examined.signed.auditor.timestamp)) + &table(&["Check", "Result", "In words"], &rows)
}

fn row(check: &Check) -> Vec<String> {
    let (class, word) = match check.outcome {
        Outcome::Pass => ("good", "passed"),
        Outcome::Fail => ("bad", "failed"),
        Outcome::NotChecked => ("open", "not checked"),
    };
    vec![
        check.id.to_string(),
        format!("<span class=\"outcome {class}\">{word}</span>"),
        format!(
            "{}<details><summary>Why, and how it came out</summary><p>{}</p><p class=\"reason\">{}</p></details>",
            escape(&check.sentence),
            escape(&explain(check.id)),
            escape(&check.reason)
        ),
    ]
}

fn files(examined: &Examined) -> String {
    let epoch = examined.signed.bundle.epoch;
    let rows: Vec<Vec<String>> = examined
        .files
        .iter()
        .map(|f| {
            let path = escape(&f.path);
            let link = format!("<a href=\"../evidence/{epoch}/{path}\">{path}</a>");
            vec![link, f.bytes.to_string(), code(&f.sha256)]
        })
        .collect();
    let intro = format!(
        "<p>All in one file: <a href=\"../evidence/{epoch}.tar\">{epoch}.tar</a>. The bundle names the digest of \
         <code>manifest.json</code>, which names every other file but the four that are signed in themselves or come after it.</p>\n"
    );
    intro + &table(&["File", "Bytes", "SHA-256"], &rows) + &digests()
}

fn digests() -> String {
    "<p>To compare after unpacking:</p>\n".to_string()
        + &commands(&["cd evidence && find . -type f -exec sha256sum {} +".into()])
}
