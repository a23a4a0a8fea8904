//! The step after which the old key counts for nothing.

use super::computers_seen::look;
use super::old_accounts::{old_accounts, remove_old_accounts};
use super::plan::Plan;
use super::publish::settle_home;
use crate::backup::destinations;
use crate::model::{KeyChangeReport, RefusedPlace};
use crate::progress::blocking;
use crate::progress::step;
use crate::{AppError, Keepsake, NextStep, Result, Watch};

/// Gives this computer and every backup that can be reached the new key, and has the old account
/// removed at the vault. Repeated, it goes on where it was stopped. A backup that cannot be reached
/// gets the key with its next backup; until then the old account stays, since that backup has no
/// other.
///
/// # Errors
/// `nothing_prepared`; the disk. What could not be done yet is in the report.
pub async fn change_key(keepsake: &Keepsake, watch: &dyn Watch) -> Result<KeyChangeReport> {
    let mut plan = Plan::read(keepsake)?.ok_or_else(nothing_prepared)?;
    let urls: Vec<String> = keepsake.destinations()?.into_iter().map(|place| place.url).collect();
    let steps = 3 + urls.len() as u64;
    step(watch, "Looking at your backups", 0, steps);
    if !plan.decided {
        look(keepsake).await?;
        refuse_overtaken(keepsake, &plan)?;
        plan.decided = true;
        plan.old = old_accounts(keepsake);
        plan.waiting.clone_from(&urls);
        plan.write(keepsake)?;
    }
    step(watch, "Keeping the new key on this computer", 1, steps);
    settle_home(keepsake)?;
    let mut refused = Vec::new();
    let mut warnings = Vec::new();
    for (at, url) in (2..).zip(plan.waiting.clone()) {
        step(watch, &format!("Changing the key of {url}"), at, steps);
        let own = keepsake.clone();
        let place = url.clone();
        let opened = blocking(move || destinations::open_to_write(&own, &place).map(drop)).await;
        refused.extend(opened.err().map(|error| RefusedPlace {
            url,
            happened: error.happened,
            next: error.next,
        }));
    }
    if Plan::read(keepsake)?.is_none() {
        return Err(overtaken());
    }
    step(watch, "Removing the old code and passkeys at the vault", steps - 1, steps);
    let removed = remove_old_accounts(keepsake).await;
    let old_account = removed.unwrap_or_else(|error| {
        let later = "This computer tries again when it next starts.";
        warnings.push(format!(
            "The old code and passkeys are not removed at the vault yet: {} {later}",
            error.happened
        ));
        None
    });
    // The plan as it is now; none once all is done.
    let left = Plan::read(keepsake)?;
    let waiting = left.map(|plan| plan.waiting.clone()).unwrap_or_default();
    step(watch, "Done", steps, steps);
    Ok(KeyChangeReport {
        changed: urls.into_iter().filter(|url| !waiting.contains(url)).collect(),
        waiting,
        stay: plan.stay.iter().map(|c| c.name.clone()).collect(),
        left: plan.leave.iter().map(|c| c.name.clone()).collect(),
        passkeys: plan.passkeys.clone(),
        old_account,
        mock: plan.mock,
        refused,
        warnings,
    })
}

/// Another computer may have changed the key since this change was prepared, and this one taken it
/// just now.
fn refuse_overtaken(keepsake: &Keepsake, plan: &Plan) -> Result<()> {
    let present = keepsake.backup_key()?.ok_or_else(AppError::no_backup_key)?;
    if plan.replaces(&present) {
        return Ok(());
    }
    Plan::delete(keepsake)?;
    Err(overtaken())
}

fn overtaken() -> AppError {
    AppError::new(
        "overtaken",
        "Another of your computers changed the key of your backups meanwhile, and this one took that key.",
        "The new code that was shown here opens nothing; the one that was shown there does.",
        NextStep::BeginKeyChangeAgain,
    )
}

fn nothing_prepared() -> AppError {
    AppError::new(
        "nothing_prepared",
        "No change of the backup key was begun.",
        "Nothing was changed.",
        NextStep::BeginKeyChange,
    )
}
