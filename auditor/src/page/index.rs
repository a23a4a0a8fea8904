//! The front page.

use super::examined::Examined;
use super::html::{code, date, document, facts, list, outcome, section, table, text};
use super::summary::{began, epoch_path, verdict};
use super::verify::{how_to, meaning};
use fleet_evidence::Trust;
use maud::{Markup, html};
use vault_protocol::SignedBundle;

/// Every epoch that was published, oldest first in `epochs`.
pub(crate) fn index(trust: &Trust, epochs: &[SignedBundle], newest: Option<&Examined>) -> String {
    let namespace = trust.namespace();
    let body = html! {
        h1 { "Fleet " (code(namespace)) }
        p.lead { "What the auditor signed, and the evidence for it." }
        @match newest {
            None => {
                p class="verdict open" { "No epoch has been published yet." }
                (parties(trust))
            }
            Some(newest) => {
                (verdict(newest))
                (parties(trust))
                (section("Epochs", &table_of(epochs, newest)))
                (section("Who appeared and who left", &history(epochs, newest)))
                (meaning(newest.mock))
                (how_to(&newest.signed.bundle, &newest.trust_id))
            }
        }
    };
    document(&format!("Fleet {namespace}"), trust.mock(), &body)
}

fn parties(trust: &Trust) -> Markup {
    let document = trust.document();
    facts(&[
        ("Auditor's key", code(&document.auditor_key)),
        ("Operator's key", code(&document.operator_key)),
        ("Log", html! { a href="checkpoint" { "checkpoint" } " " (code(&document.log_key)) }),
        (
            "Pinned as",
            html! { a href="trust.json" { "trust.json" } " " (code(&hex::encode(trust.id()))) },
        ),
    ])
}

fn table_of(epochs: &[SignedBundle], newest: &Examined) -> Markup {
    let newest = &newest.signed.bundle;
    let row = |signed: &SignedBundle| {
        let bundle = &signed.bundle;
        let state = if newest.revoked_epochs.contains(&bundle.epoch) {
            outcome("bad", "revoked")
        } else if bundle.epoch == newest.epoch {
            outcome("good", "newest")
        } else {
            outcome("open", "replaced")
        };
        vec![
            html! { a href=(epoch_path(bundle.epoch)) { "Epoch " (bundle.epoch) } },
            state,
            text(&date(signed.auditor.timestamp)),
            text(&date(bundle.not_after)),
            html! { (bundle.threshold) " of " (bundle.sites.len()) },
        ]
    };
    let rows: Vec<Vec<Markup>> = epochs.iter().rev().map(row).collect();
    table(&["Epoch", "State", "Signed", "Valid until", "Sites needed"], &rows)
}

fn history(epochs: &[SignedBundle], newest: &Examined) -> Markup {
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
    html! {
        @if let Some(first) = epochs.first() { (began(&first.bundle)) }
        @if !later.is_empty() { (list(&later)) }
    }
}
