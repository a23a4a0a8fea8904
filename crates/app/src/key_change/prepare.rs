//! The new key and the new ways in, proved before anything counts on them.

use super::computers_seen::{look, view};
use super::plan::{Named, Plan};
use crate::fleet::{Connected, FleetFingerprint, connect_examined};
use crate::home::OwnedAccount;
use crate::model::KeyChangePlan;
use crate::progress::step;
use crate::recovery::{Made, learn_missing_code, make_code};
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use rand_core::OsRng;
use sealed_keys::OfflineKey;

const STEPS: u64 = 4;
/// Digits of a computer's id that are enough to name it.
const ID_DIGITS: usize = 8;

/// What a change of the key is to do.
pub struct KeyChange {
    pub stay: Stay,
    /// The fleet of the new code; none: that of this computer's account.
    pub fleet_url: Option<String>,
    /// No recovery code, whatever there was.
    pub without_vault: bool,
    /// The person's own code.
    pub own_code: Option<RecoverySecret>,
    /// Make a new offline key.
    pub offline_key: bool,
}

/// Which computers beside this one get the new key. Named by name, or by the first digits of their
/// id.
pub enum Stay {
    /// A key has leaked: whoever has it may have joined as a computer.
    These(Vec<String>),
    /// A computer is to go.
    AllBut(String),
}

/// Makes a new backup key, a new recovery code that is proved by a whole recovery, and on wish an
/// offline key. Changes nothing else: the old ways in go on working, and the new ones open nothing
/// before [`super::change_key`]. What it returns is to be written down first. A change that was
/// begun before is gone on with.
///
/// # Errors
/// `no_backup_key`; `not_found` (no such computer), `two_computers`, `own_computer`;
/// `fleet_needed`; `weak_code`, `evidence_refused`, `too_few_sites`, ….
pub async fn prepare_key_change(
    keepsake: &Keepsake,
    wanted: KeyChange,
    watch: &dyn Watch,
) -> Result<KeyChangePlan> {
    if let Some(plan) = Plan::read(keepsake)?.filter(|plan| plan.decided) {
        return shown(keepsake, &plan, vec![]);
    }
    step(watch, "Looking at your backups", 0, STEPS);
    let seen = look(keepsake).await?;
    // A code that is not known here is replaced all the same, if the person names its fleet.
    let _ = learn_missing_code(keepsake).await;
    // As it is after the look, which takes a new one from another computer.
    let present = keepsake.backup_key()?.ok_or_else(AppError::no_backup_key)?;
    let begun = Plan::read(keepsake)?.filter(|plan| plan.replaces(&present));
    let mut plan = begun.unwrap_or_else(|| Plan::new(keepsake.now(), &present));
    (plan.stay, plan.leave) = divide(keepsake, &seen.computers, &wanted.stay)?;
    plan.passkeys = keepsake.passkeys()?.kept.into_iter().map(|kept| kept.name).collect();
    plan.fleet_url = fleet_of(keepsake, &wanted, seen.vault_is_used)?;
    if wanted.offline_key && plan.offline()?.is_none() {
        plan.set_offline(&OfflineKey::generate(&mut OsRng));
    }
    // From here on a crash leaves the account's name: the next run goes on in the same account.
    plan.write(keepsake)?;
    let mut warnings: Vec<String> = seen.not_seen.iter().map(|place| not_seen(place)).collect();
    if let Some(url) = plan.fleet_url.clone()
        && plan
            .account()?
            .is_none_or(|account| wanted.own_code.is_some() || account.slot.at.fleet_url != url)
    {
        step(watch, "Verifying the fleet", 1, STEPS);
        let connected = connect_examined(keepsake, &url).await?;
        let made = new_code(keepsake, &connected, &plan, wanted.own_code, watch).await?;
        plan.mock = connected.verified.mock();
        plan.set_account(&made.account);
        warnings.extend(made.warnings);
        plan.write(keepsake)?;
    }
    step(watch, "Ready", STEPS, STEPS);
    if plan.account()?.is_none() && plan.offline()?.is_none() {
        warnings.push(
            "Without a recovery code and without an offline key, only computers open the backups."
                .into(),
        );
    }
    shown(keepsake, &plan, warnings)
}

async fn new_code(
    keepsake: &Keepsake,
    connected: &Connected,
    plan: &Plan,
    own: Option<RecoverySecret>,
    watch: &dyn Watch,
) -> Result<Made> {
    let owner = OwnedAccount::with_claim(&plan.key()?, plan.claim);
    step(watch, "Registering the new code and proving that it works", 2, STEPS);
    let made = make_code(keepsake, connected, owner, own).await;
    made.map_err(|mut error| {
        error.safe = "Nothing was changed: your old code and key go on working.".into();
        error
    })
}

/// The fleet for the new code, if there is to be one. What a backup's header says of its fleet
/// counts for nothing here: whoever has the old key could have written it.
fn fleet_of(
    keepsake: &Keepsake,
    wanted: &KeyChange,
    vault_is_used: bool,
) -> Result<Option<String>> {
    if wanted.without_vault {
        return Ok(None);
    }
    let url = match &wanted.fleet_url {
        Some(named) => Some(named.clone()),
        None => keepsake.account_at()?.map(|at| at.address.fleet_url),
    };
    match url {
        None if vault_is_used => Err(AppError::new(
            "fleet_needed",
            "A backup has a recovery code or a passkey that this computer does not know.",
            "Nothing was changed.",
            NextStep::NameFleetOfNewCode,
        )),
        url => Ok(url),
    }
}

/// Computers that stay, and those that leave; this one is neither.
fn divide(keepsake: &Keepsake, all: &[Named], stay: &Stay) -> Result<(Vec<Named>, Vec<Named>)> {
    let own = keepsake.local_key().computer_key().id();
    let others: Vec<Named> = all.iter().filter(|c| c.id != own).cloned().collect();
    match stay {
        Stay::These(names) => {
            let named = names.iter().map(|name| find(&others, name)).collect::<Result<Vec<_>>>()?;
            Ok(others.into_iter().partition(|c| named.contains(c)))
        }
        Stay::AllBut(name) => {
            let this = |c: &&Named| c.id == own && names(name, c);
            if all.iter().any(|c| this(&c)) && !others.iter().any(|c| names(name, c)) {
                return Err(own_computer());
            }
            let gone = find(&others, name)?;
            Ok(others.into_iter().partition(|c| *c != gone))
        }
    }
}

fn find(computers: &[Named], name: &str) -> Result<Named> {
    let mut found = computers.iter().filter(|c| names(name, c));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None, _) => Err(AppError::new(
            "not_found",
            format!("No other computer is called {name}."),
            "Nothing was changed.",
            NextStep::SeeComputers,
        )),
        (Some(_), Some(_)) => Err(AppError::new(
            "two_computers",
            format!("More than one computer is called {name}."),
            "Nothing was changed.",
            NextStep::NameComputerById,
        )),
    }
}

fn names(typed: &str, computer: &Named) -> bool {
    let by_id = typed.len() >= ID_DIGITS && computer.id.0.starts_with(&typed.to_ascii_lowercase());
    by_id || typed == computer.name
}

fn own_computer() -> AppError {
    AppError::new(
        "own_computer",
        "This computer cannot remove itself: it is the one that would make the change.",
        "Nothing was changed.",
        NextStep::RemoveFromAnotherComputer,
    )
}

fn not_seen(place: &str) -> String {
    format!(
        "{place} That backup keeps the old key, and the old ways in, until this computer backs up to it again."
    )
}

fn shown(keepsake: &Keepsake, plan: &Plan, warnings: Vec<String>) -> Result<KeyChangePlan> {
    let account = plan.account()?;
    let at = account.as_ref().map(|a| &a.slot.at);
    let generated = account.as_ref().filter(|a| a.slot.code == sealed_keys::CodeKind::Generated);
    let backups = match plan.decided {
        true => plan.waiting.clone(),
        false => keepsake.destinations()?.into_iter().map(|place| place.url).collect(),
    };
    Ok(KeyChangePlan {
        code: generated.map(|a| a.code.display().expose().to_string()),
        fleet_url: at.map(|at| at.fleet_url.clone()),
        fingerprint: at.map(|at| FleetFingerprint::of(&at.trust).to_string()),
        mock: plan.mock,
        offline_key: plan.offline()?.map(|key| key.display().expose().to_string()),
        stay: plan.stay.iter().map(|c| view(c, false)).collect(),
        leave: plan.leave.iter().map(|c| view(c, false)).collect(),
        backups,
        passkeys: plan.passkeys.clone(),
        begun_before: plan.decided,
        warnings,
    })
}
