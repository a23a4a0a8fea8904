//! `keepsake vault`

use crate::args::{FleetOfBackup, TryArguments, Vault};
use crate::failure::Result;
use crate::output::{Output, count, date, mock_line};
use crate::progress::Shown;
use crate::secrets;
use crate::words;
use app::model::{NewCode, PasskeyUsed, Recovered, TriesReset, VaultEvent, VaultStatus};
use app::{FleetPin, Keepsake, RecoverySecret};
use std::fmt::Write;

pub(super) async fn run(keepsake: &Keepsake, command: Vault, output: Output) -> Result<()> {
    match command {
        Vault::Enroll { fleet, own_code, replace } => {
            if replace {
                app::forget_account(keepsake)?;
            }
            let code = app::enroll(keepsake, &fleet, own(own_code)?, &Shown::new()).await?;
            output.result(&code, new_code);
            app::confirm_code(keepsake)?;
        }
        Vault::RotateCode { own_code } => {
            let code = app::rotate_code(keepsake, own(own_code)?, &Shown::new()).await?;
            output.result(&code, new_code);
            app::confirm_code(keepsake)?;
        }
        Vault::Drill { passkey: Some(passkey), .. } => {
            let pin = secrets::pin("PIN of the passkey: ")?;
            let used = app::drill_passkey(keepsake, &passkey, pin, &Shown::new()).await?;
            output.result(&used, |used| passkey_used(used, &format!("{} works.", used.name)));
        }
        Vault::Drill { passkey: None, attempt } => {
            let status = app::vault_status(keepsake).await?;
            confirm(&attempt, Some(status.tries_left))?;
            let recovered = app::drill(keepsake, secrets::recovery_code()?, &Shown::new()).await?;
            output.result(&recovered, |r| {
                format!("{}Your code works.{}", mock_line(r.mock), answered(r))
            });
        }
        Vault::Recover { repo, fleet, passkey: Some(place), .. } => {
            let pin = secrets::pin("PIN of the passkey: ")?;
            let fleet = pin_of(fleet);
            let used = app::recover_with_passkey(
                keepsake,
                &repo,
                fleet.as_ref(),
                place.into(),
                pin,
                &Shown::new(),
            )
            .await?;
            output.result(&used, |used| {
                let opened = format!("{} was right: this computer can open the backup.", used.name);
                format!(
                    "{}\nNow bring the chats back: keepsake backup restore --repo {repo}",
                    passkey_used(used, &opened)
                )
            });
        }
        Vault::RevealCode { passkey } => {
            let pin = secrets::pin("PIN of the passkey: ")?;
            let revealed = app::reveal_code(keepsake, &passkey, pin, &Shown::new()).await?;
            output.result(&revealed, |r| {
                let fleet = sheet(&r.fleet_url, &r.fingerprint);
                format!("{}Your recovery code:\n\n    {}\n\n{fleet}", mock_line(r.mock), r.code)
            });
        }
        Vault::Recover { repo, fleet, passkey: None, attempt } => {
            let fleet = pin_of(fleet);
            let vault = app::ask_vault(keepsake, &repo, fleet.as_ref()).await?;
            confirm(&attempt, vault.tries_left)?;
            let code = secrets::recovery_code()?;
            let recovered =
                app::recover(keepsake, &repo, fleet.as_ref(), code, &Shown::new()).await?;
            output.result(&recovered, |r| {
                let next =
                    format!("\nNow bring the chats back: keepsake backup restore --repo {repo}");
                format!(
                    "{}The code was right: this computer can open the backup.{}{next}",
                    mock_line(r.mock),
                    answered(r)
                )
            });
        }
        Vault::ResetTries => {
            let reset = app::reset_tries(keepsake).await?;
            output.result(&reset, tries_reset);
        }
        Vault::Events => {
            let events = app::vault_events(keepsake).await?;
            output.result(&events, |events| history(events));
        }
        Vault::Status => {
            let status = app::vault_status(keepsake).await?;
            output.result(&status, in_words);
        }
    }
    Ok(())
}

/// What the person says of the fleet, if anything.
fn pin_of(fleet: FleetOfBackup) -> Option<FleetPin> {
    match fleet {
        FleetOfBackup { trust_header: true, .. } => Some(FleetPin::TrustHeader),
        FleetOfBackup { fleet, .. } => fleet.map(FleetPin::Sheet),
    }
}

fn own(own_code: bool) -> Result<Option<RecoverySecret>> {
    if own_code { secrets::recovery_code().map(Some) } else { Ok(None) }
}

/// The last two tries are not spent by accident.
fn confirm(attempt: &TryArguments, tries_left: Option<u8>) -> Result<()> {
    match tries_left {
        Some(left @ 1..=2) if !attempt.last_tries => secrets::confirm_last_tries(left),
        _ => Ok(()),
    }
}

fn new_code(new: &NewCode) -> String {
    let code = match &new.code {
        Some(code) => format!(
            "Your recovery code, shown only now:\n\n    {code}\n\nWrite it down, on paper, together with the fleet's fingerprint or address:\na new computer asks for both."
        ),
        None => "Your own code is registered.".to_string(),
    };
    let lost = "If every computer with your chats and this code are lost, nobody can open the backup: not the operator, not us.";
    let sheet = sheet(&new.fleet_url, &new.fingerprint);
    let mut text = format!("{}{code}\n{sheet}\n{lost}\n", mock_line(new.mock));
    let _ = writeln!(text, "{} sites hold a part of it.", new.sites_registered);
    if let Some(spread) = &new.replaced {
        let _ = writeln!(text, "{}", words::replaced(spread));
    }
    for warning in &new.warnings {
        let _ = writeln!(text, "Attention: {warning}");
    }
    text
}

/// What belongs on paper beside a code.
fn sheet(fleet_url: &str, fingerprint: &str) -> String {
    format!("Fleet: {fleet_url}\nFleet's fingerprint: {fingerprint}")
}

fn tries_reset(reset: &TriesReset) -> String {
    let back = words::tries_back(&reset.spread, reset.max_tries);
    format!("{}Done: {back}.", mock_line(reset.mock))
}

fn passkey_used(used: &PasskeyUsed, what: &str) -> String {
    let mut text = format!(
        "{}{what} {} of {} sites answered in {} ms; no try was spent.{}",
        mock_line(used.mock),
        used.sites_answered,
        used.sites,
        used.milliseconds,
        words::caught(&used.caught)
    );
    for warning in &used.warnings {
        let _ = write!(text, "\nAttention: {warning}");
    }
    text
}

fn answered(recovered: &Recovered) -> String {
    format!(
        " {} of {} sites answered in {} ms; {}.{}",
        recovered.sites_answered,
        recovered.sites,
        recovered.milliseconds,
        words::tries_back(&recovered.spread, recovered.tries_left),
        words::caught(&recovered.caught)
    )
}

fn history(events: &[VaultEvent]) -> String {
    events.iter().fold(String::new(), |mut text, event| {
        let alone = if event.told_by == 1 { "  (one site alone says so)" } else { "" };
        let _ = writeln!(text, "{}  {}{alone}", date(event.at), event.text);
        text
    })
}

fn in_words(status: &VaultStatus) -> String {
    let mut text = format!("{}{}\n", mock_line(status.mock), tries(status));
    if status.tries_elsewhere > 0 {
        let _ = writeln!(text, "Attention: {}", elsewhere(status));
    }
    if status.can_reset {
        text.push_str("This computer can give the tries back: keepsake vault reset-tries\n");
    }
    if status.passkeys > 0 {
        let _ = writeln!(text, "{}.", count(status.passkeys.into(), "passkey", "passkeys"));
    }
    if let Some(warning) = &status.warning {
        let _ = writeln!(text, "Attention: {warning}");
    }
    for pending in &status.pending {
        let _ = writeln!(text, "{}", words::pending(pending));
    }
    for site in &status.sites {
        let state = site.problem.clone().unwrap_or_else(|| "answers".into());
        let caught = if site.caught.is_empty() {
            String::new()
        } else {
            format!("  CAUGHT: {}", site.caught.join(", "))
        };
        let _ = writeln!(
            text,
            "  site {} {:<12} {}  {state}{caught}",
            site.index, site.region, site.endpoint
        );
    }
    text
}

fn tries(status: &VaultStatus) -> String {
    if status.removed {
        return "The account was removed.".into();
    }
    if status.code_version == 0 {
        return "There is no recovery code; passkeys are the only ways in.".into();
    }
    if status.destroyed {
        return "No tries are left: the vault has destroyed its copy. Make a new code: keepsake vault rotate-code"
            .into();
    }
    if let Some(until) = status.frozen_until {
        let until = date(until);
        return format!(
            "No tries are left: the code is frozen until {until}, and then the vault destroys its copy."
        );
    }
    let wait = match status.wait_seconds {
        0 => String::new(),
        seconds => format!(" The next may come in {seconds} s."),
    };
    format!(
        "{} of {} tries are left (code number {}).{wait}",
        status.tries_left, status.max_tries, status.code_version
    )
}

fn elsewhere(status: &VaultStatus) -> String {
    let times = match status.tries_elsewhere {
        1 => "once".to_string(),
        n => format!("{n} times"),
    };
    if status.tries_by_header {
        return format!(
            "somebody who has your backup's header tried a code {times}. If it was not you, on another computer, somebody \
             has a copy of your backup."
        );
    }
    format!(
        "somebody began to use your code {times}, with your backup at hand. If it was not you, on another computer, make \
         a new code: keepsake vault rotate-code"
    )
}
