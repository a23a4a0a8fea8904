//! `keepsake vault`

use crate::args::{TryArguments, Vault};
use crate::output::{Output, count, date, mock_line};
use crate::progress::Shown;
use crate::secrets;
use app::model::{NewCode, PasskeyUsed, Recovered, VaultEvent, VaultStatus};
use app::{Keepsake, RecoverySecret, Result};
use std::fmt::Write;

pub async fn run(keepsake: &Keepsake, command: Vault, output: Output) -> Result<()> {
    match command {
        Vault::Enroll { fleet, own_code, replace } => {
            if replace {
                app::forget_account(keepsake)?;
            }
            let code = app::enroll(keepsake, &fleet, own(own_code)?, &Shown::new()).await?;
            output.result(&code, new_code);
        }
        Vault::RotateCode { own_code } => {
            let code = app::rotate_code(keepsake, own(own_code)?, &Shown::new()).await?;
            output.result(&code, new_code);
        }
        Vault::Drill { passkey: Some(passkey), .. } => {
            let pin = secrets::pin("PIN of the passkey: ")?;
            let used = app::drill_passkey(keepsake, &passkey, pin, &Shown::new()).await?;
            output.result(&used, |used| passkey_used(used, &format!("{} works.", used.name)));
        }
        Vault::Drill { passkey: None, attempt } => {
            let status = app::vault_status(keepsake).await?;
            confirm(&attempt, Some(status.tries_left))?;
            let recovered = app::drill(keepsake, secrets::recovery_code()?).await?;
            output.result(&recovered, |r| format!("{}Your code works.{}", mock_line(r.mock), answered(r)));
        }
        Vault::Recover { repo, fleet, passkey: Some(place), .. } => {
            let pin = secrets::pin("PIN of the passkey: ")?;
            let fleet = fleet.as_deref();
            let used = app::recover_with_passkey(keepsake, &repo, fleet, place.into(), pin, &Shown::new()).await?;
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
                format!("{}Your recovery code:\n\n    {}\n\nFleet: {}", mock_line(r.mock), r.code, r.fleet_url)
            });
        }
        Vault::Recover { repo, fleet, passkey: None, attempt } => {
            let preview = app::preview_backup(keepsake, &repo, fleet.as_deref()).await?;
            confirm(&attempt, preview.tries_left)?;
            let code = secrets::recovery_code()?;
            let recovered = app::recover(keepsake, &repo, fleet.as_deref(), code, &Shown::new()).await?;
            output.result(&recovered, |r| {
                let next = format!("\nNow bring the chats back: keepsake backup restore --repo {repo}");
                format!(
                    "{}The code was right: this computer can open the backup.{}{next}",
                    mock_line(r.mock),
                    answered(r)
                )
            });
        }
        Vault::Events => {
            let events = app::vault_events(keepsake).await?;
            output.result(&events, |events| history(events));
        }
        Vault::Status => {
            let status = app::vault_status(keepsake).await?;
            output.result(&status, words);
        }
    }
    Ok(())
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
            "Your recovery code, shown only now:\n\n    {code}\n\nWrite it down, on paper, together with the fleet's address."
        ),
        None => "Your own code is registered.".to_string(),
    };
    let lost = "If every computer with your chats and this code are lost, nobody can open the backup: not the operator, not us.";
    let address = format!("Fleet: {}", new.fleet_url);
    let mut text = format!("{}{code}\n{lost}\n{address}\n", mock_line(new.mock));
    let _ = writeln!(text, "{} sites hold it. Ten wrong tries destroy it.", new.sites_registered);
    for warning in &new.warnings {
        let _ = writeln!(text, "Attention: {warning}");
    }
    text
}

fn passkey_used(used: &PasskeyUsed, what: &str) -> String {
    let mut text = format!(
        "{}{what} {} of {} sites answered in {} ms; no try was spent.",
        mock_line(used.mock),
        used.sites_answered,
        used.sites,
        used.milliseconds
    );
    for warning in &used.warnings {
        let _ = write!(text, "\nAttention: {warning}");
    }
    text
}

fn answered(recovered: &Recovered) -> String {
    let confirmed = if recovered.confirmed {
        format!("all {} tries are back", recovered.tries_left)
    } else {
        format!("the sites have not confirmed it yet, {} tries are left", recovered.tries_left)
    };
    format!(
        " {} of {} sites answered in {} ms; {confirmed}.",
        recovered.sites_answered, recovered.sites, recovered.milliseconds
    )
}

fn history(events: &[VaultEvent]) -> String {
    events.iter().fold(String::new(), |mut text, event| {
        let _ = writeln!(text, "{}  {}", date(event.at), event.text);
        text
    })
}

fn words(status: &VaultStatus) -> String {
    let tries = if status.code_version == 0 {
        "There is no recovery code; passkeys are the only ways in.".to_string()
    } else if status.destroyed {
        "No tries are left: the vault has destroyed its copy.".to_string()
    } else {
        format!("{} of {} tries are left (code number {}).", status.tries_left, status.max_tries, status.code_version)
    };
    let wait = match status.wait_seconds {
        0 => String::new(),
        seconds => format!(" The next may come in {seconds} s."),
    };
    let mut text = format!("{}{tries}{wait}\n", mock_line(status.mock));
    if status.passkeys > 0 {
        let _ = writeln!(text, "{}.", count(status.passkeys.into(), "passkey", "passkeys"));
    }
    if let Some(warning) = &status.warning {
        let _ = writeln!(text, "Attention: {warning}");
    }
    for site in &status.sites {
        let state = site.problem.clone().unwrap_or_else(|| "answers".into());
        let _ = writeln!(text, "  site {} {:<12} {}  {state}", site.index, site.region, site.endpoint);
    }
    text
}
