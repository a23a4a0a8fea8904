//! `keepsake backup rekey` and `keepsake backup computers`

use crate::args;
use crate::failure::{Failure, Result};
use crate::next_step;
use crate::output::{Output, date, mock_line};
use crate::progress::Shown;
use crate::secrets;
use crate::words;
use app::model::{ComputerView, Computers, KeyChangePlan, KeyChangeReport, RefusedPlace};
use app::{Keepsake, KeyChange, Stay};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;

/// What is to be written down, and what was done.
#[derive(Serialize)]
struct Changed {
    plan: KeyChangePlan,
    /// None if the change was only prepared.
    report: Option<Value>,
}

/// Makes the new ways in, shows them, and changes the key once somebody has them on paper.
pub(super) async fn change(
    keepsake: &Keepsake,
    stay: Stay,
    arguments: args::KeyChange,
    output: Output,
) -> Result<ExitCode> {
    let args::KeyChange { fleet, without_vault, own_code, offline_key, yes } = arguments;
    let own_code = if own_code { Some(secrets::recovery_code()?) } else { None };
    let wanted = KeyChange { stay, fleet_url: fleet, without_vault, own_code, offline_key };
    let plan = app::prepare_key_change(keepsake, wanted, &Shown::new()).await?;
    if !output.json {
        output.result(&plan, planned);
    }
    let confirmed =
        yes || secrets::agrees("Is the new code or key on paper? Then change the key now?");
    if !confirmed {
        let prepared = Changed { plan, report: None };
        return Ok(output.report(&prepared, |_| String::new(), Some(not_confirmed())));
    }
    let report = with_advice(app::change_key(keepsake, &Shown::new()).await?);
    let mut document = serde_json::to_value(&report).expect("reports are plain data");
    // They are among the warnings, in words.
    document.as_object_mut().map(|fields| fields.remove("refused"));
    output.result(&Changed { plan, report: Some(document) }, |_| changed(&report));
    Ok(ExitCode::SUCCESS)
}

/// With a warning for each backup that could not be opened.
fn with_advice(mut report: KeyChangeReport) -> KeyChangeReport {
    let warning = |place: &RefusedPlace| {
        format!("{}: {} {}", place.url, place.happened, next_step::words(place.next).sentence)
    };
    let warnings = report.refused.iter().map(warning).chain(report.warnings).collect();
    report.warnings = warnings;
    report
}

fn not_confirmed() -> Failure {
    Failure::new(
        "not_confirmed",
        "The key was not changed.",
        "The old key, code and passkeys stay in force; the new ones open nothing yet.",
        "Write the new code down, then repeat the command.",
    )
    .with_command("the same with --yes; or keepsake backup rekey --give-up")
}

pub(super) fn list(all: &Computers) -> String {
    let mut text = String::new();
    for computer in &all.computers {
        let _ = writeln!(text, "{}", line(computer));
    }
    if all.computers.is_empty() {
        text.push_str("No computer has backed up yet.\n");
    }
    for place in &all.not_seen {
        let _ = writeln!(text, "not looked at: {place}");
    }
    text
}

fn line(computer: &ComputerView) -> String {
    let ComputerView { id, name, joined, this_computer } = computer;
    let joined = date(u64::try_from(*joined).unwrap_or(0));
    let here = if *this_computer { ", this computer" } else { "" };
    format!("{}  {name:<20}  since {joined}{here}", id.get(..8).unwrap_or(id))
}

fn planned(plan: &KeyChangePlan) -> String {
    let mut text = mock_line(plan.mock).to_string();
    if plan.begun_before {
        text.push_str("A change of the key was begun before; it is finished now.\n");
    }
    if let Some(code) = &plan.code {
        let _ = writeln!(text, "Your new recovery code:\n\n    {code}\n");
    }
    if let (Some(url), Some(fingerprint)) = (&plan.fleet_url, &plan.fingerprint) {
        let _ = writeln!(text, "Fleet: {url}\nFingerprint: {fingerprint}\n");
    }
    if let Some(key) = &plan.offline_key {
        let _ = writeln!(text, "Your new offline key:\n\n    {key}\n");
    }
    let mut name = |title: &str, computers: &[ComputerView]| {
        for computer in computers {
            let _ = writeln!(text, "{title} {}", line(computer));
        }
    };
    name("gets the new key by itself:", &plan.stay);
    name("will be left out:          ", &plan.leave);
    for backup in &plan.backups {
        let _ = writeln!(text, "key to be changed: {backup}");
    }
    for passkey in &plan.passkeys {
        let _ = writeln!(text, "passkey to be added again: {passkey}");
    }
    for warning in &plan.warnings {
        let _ = writeln!(text, "{warning}");
    }
    text.push_str(
        "The old recovery code, passkeys and offline keys open nothing that is backed up after the change.\n",
    );
    text
}

fn changed(report: &KeyChangeReport) -> String {
    let mut text = String::new();
    for backup in &report.changed {
        let _ = writeln!(text, "The key of {backup} was changed.");
    }
    for backup in &report.waiting {
        let _ = writeln!(
            text,
            "{backup} could not be reached: it keeps the old key and the old code until you back up to it again."
        );
    }
    if let Some(spread) = &report.old_account {
        let _ = writeln!(text, "{}", words::account_removed(spread));
    }
    for passkey in &report.passkeys {
        let _ = writeln!(text, "Add this passkey again: {passkey}");
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "{warning}");
    }
    text
}
