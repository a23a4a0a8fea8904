use super::epoch::{began, verdict};
use super::html::{code, date, document, escape, facts, list, section, table};
use super::{Examined, epoch_path, verify};
use fleet_evidence::Trust;
use vault_protocol::SignedBundle;

/// The front page: every epoch that was published, oldest first in `epochs`.
pub(crate) fn index(trust: &Trust, epochs: &[SignedBundle], newest: Option<&Examined>) -> String {
    let namespace = trust.namespace();
    let heading = format!(
        "<h1>Fleet {}</h1>\n<p class=\"lead\">What the auditor signed, and the evidence for it.</p>\n",
        code(namespace)
    );
    let body = match newest {
        None => heading + "<p class=\"verdict open\">No epoch has been published yet.</p>\n" + &parties(trust),
        Some(newest) => [
            heading,
            verdict(newest),
            parties(trust),
            section("Epochs", &table_of(epochs, newest)),
            section("Who appeared and who left", &history(epochs, newest)),
            verify::meaning(newest.mock),
            verify::how_to(&newest.signed.bundle, &newest.trust_id),
        ]
        .concat(),
    };
    document(&format!("Fleet {namespace}"), trust.mock(), &body)
}

fn parties(trust: &Trust) -> String {
    let document = trust.document();
    facts(&[
        ("Auditor's key", code(&document.auditor_key)),
        ("Operator's key", code(&document.operator_key)),
        ("Log", format!("<a href=\"checkpoint\">checkpoint</a> {}", code(&document.log_key))),
        ("Pinned as", format!("<a href=\"trust.json\">trust.json</a> {}", code(&hex::encode(trust.id())))),
    ])
}

fn table_of(epochs: &[SignedBundle], newest: &Examined) -> String {
    let newest = &newest.signed.bundle;
    let row = |signed: &SignedBundle| {
        let bundle = &signed.bundle;
        let state = if newest.revoked_epochs.contains(&bundle.epoch) {
            "<span class=\"outcome bad\">revoked</span>"
        } else if bundle.epoch == newest.epoch {
            "<span class=\"outcome good\">newest</span>"
        } else {
            "<span class=\"outcome open\">replaced</span>"
        };
        vec![
            format!("<a href=\"{}\">Epoch {}</a>", epoch_path(bundle.epoch), bundle.epoch),
            state.to_string(),
            escape(&date(signed.auditor.timestamp)),
            escape(&date(bundle.not_after)),
            format!("{} of {}", bundle.threshold, bundle.sites.len()),
        ]
    };
    let rows: Vec<Vec<String>> = epochs.iter().rev().map(row).collect();
    table(&["Epoch", "State", "Signed", "Valid until", "Sites needed"], &rows)
}

fn history(epochs: &[SignedBundle], newest: &Examined) -> String {
    let first = epochs.first().map(|e| began(&e.bundle)).unwrap_or_default();
    let later: Vec<String> = newest
        .report
        .changes
        .iter()
        .flat_map(|change| {
            let sentences = change.sentences();
            let same = format!("Epoch {}: the same devices with the same keys.", change.to_epoch);
            if sentences.is_empty() { vec![same] } else { sentences }
        })
        .collect();
    if later.is_empty() { first } else { first + &list(&later) }
}
