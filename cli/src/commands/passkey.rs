//! `keepsake passkey`

use crate::args::{Passkey, Place};
use crate::failure::Result;
use crate::output::{Output, date, mock_line};
use crate::progress::Shown;
use crate::secrets;
use crate::words;
use app::model::{
    PasskeyAdded, PasskeyHolder, PasskeyOverview, PasskeyPlace, PasskeyRemoved, PasskeyView,
};
use app::{Keepsake, NewPasskey};
use std::fmt::Write;

pub(super) async fn run(keepsake: &Keepsake, command: Passkey, output: Output) -> Result<()> {
    match command {
        Passkey::Add { fleet, on, name } => {
            let place = on.into();
            let overview = app::passkeys(keepsake).await?;
            let holder = overview.holders.into_iter().find(|h| h.place == place);
            let pin = choose_pin(holder.as_ref())?;
            let name = name.unwrap_or_else(|| default_name(place).into());
            let new = NewPasskey { fleet_url: fleet, place, name };
            output.result(&app::add_passkey(keepsake, new, pin, &Shown::new()).await?, added);
        }
        Passkey::List => output.result(&app::passkeys(keepsake).await?, list),
        Passkey::Rename { passkey, name } => {
            app::rename_passkey(keepsake, &passkey, &name)?;
            output
                .result(&serde_json::json!({ "id": passkey, "name": name }), |_| "Renamed.".into());
        }
        Passkey::Remove { passkey, last_way_in, forgotten_pin } => {
            let overview = app::passkeys(keepsake).await?;
            let here = overview.passkeys.iter().any(|p| is_here(p, &passkey));
            let pin = if here && !forgotten_pin {
                Some(secrets::pin("PIN of this computer: ")?)
            } else {
                None
            };
            let removed =
                app::remove_passkey(keepsake, &passkey, pin, last_way_in, &Shown::new()).await?;
            output.result(&removed, gone);
        }
    }
    Ok(())
}

/// The limit is told before a PIN is chosen.
fn choose_pin(holder: Option<&PasskeyHolder>) -> Result<app::RecoverySecret> {
    if let Some(holder) = holder {
        eprintln!("{}: {}", holder.name, holder.limit);
    }
    match holder {
        // It is refused before anything is asked.
        Some(holder) if !holder.available => Ok(app::RecoverySecret::new(String::new())),
        Some(holder) if holder.choose_pin => {
            secrets::new_pin("Choose a PIN for passkeys on this computer: ")
        }
        Some(holder) => secrets::pin(&format!("PIN of {}: ", holder.name)),
        None => secrets::pin("PIN: "),
    }
}

fn is_here(passkey: &PasskeyView, id: &str) -> bool {
    passkey.place == Some(PasskeyPlace::ThisComputer)
        && id.to_ascii_lowercase().starts_with(&passkey.id)
}

fn default_name(place: PasskeyPlace) -> &'static str {
    match place {
        PasskeyPlace::ThisComputer => "This computer",
        PasskeyPlace::SecurityKey => "Security key",
    }
}

impl From<Place> for PasskeyPlace {
    fn from(place: Place) -> Self {
        match place {
            Place::ThisComputer => Self::ThisComputer,
            Place::SecurityKey => Self::SecurityKey,
        }
    }
}

fn added(added: &PasskeyAdded) -> String {
    let PasskeyView { name, id, what_if, .. } = &added.passkey;
    let mut text =
        format!("{}{name} ({id}) opens your backups now.\n{what_if}\n", mock_line(added.mock));
    let _ = writeln!(
        text,
        "On a new computer you will be asked for the fleet: write down its fingerprint {}\n(or its address {}).",
        added.fingerprint, added.fleet_url
    );
    if added.passkey.mock {
        text.push_str("It is a MOCK security key: a program that protects nothing.\n");
    }
    attention(&mut text, &added.warnings);
    text
}

fn gone(removed: &PasskeyRemoved) -> String {
    let how_far =
        removed.spread.as_ref().map_or_else(|| "No site knew it any more.".into(), words::removed);
    let mut text = format!("{}{} is removed. {how_far}\n", mock_line(removed.mock), removed.name);
    attention(&mut text, &removed.warnings);
    text
}

fn attention(text: &mut String, warnings: &[String]) {
    for warning in warnings {
        let _ = writeln!(text, "Attention: {warning}");
    }
}

fn list(overview: &PasskeyOverview) -> String {
    let mut text = mock_line(overview.mock).to_string();
    if overview.passkeys.is_empty() {
        text.push_str("No passkeys.\n");
    }
    for passkey in &overview.passkeys {
        let _ = writeln!(text, "{}  {}  ({})", passkey.id, passkey.name, place(passkey));
        let used = passkey
            .last_used
            .map_or_else(|| "never used".into(), |at| format!("last used {}", date(at)));
        let _ = writeln!(text, "          added {}, {used}", date(passkey.added));
        let _ = writeln!(text, "          {}", passkey.what_if);
        if passkey.last_way_in {
            text.push_str(
                "          It is the last way in beside this computer: add a recovery code or another passkey.\n",
            );
        }
    }
    if let Some(problem) = &overview.problem {
        let _ = writeln!(text, "Attention: this is what this computer remembers. {problem}");
    }
    for holder in &overview.holders {
        let state = holder.problem.as_deref().unwrap_or("ready");
        let _ = writeln!(text, "{}: {state}", holder.name);
    }
    text
}

fn place(passkey: &PasskeyView) -> &'static str {
    match (passkey.place, passkey.mock) {
        (Some(PasskeyPlace::ThisComputer), _) => "on this computer",
        (Some(PasskeyPlace::SecurityKey), false) => "in a security key",
        (Some(PasskeyPlace::SecurityKey), true) => "in a MOCK security key",
        (None, _) => "elsewhere",
    }
}
