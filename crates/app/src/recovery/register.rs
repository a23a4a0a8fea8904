//! Registering a code for an account of this computer's backup key, and proving that it works.

use super::code::{choose, stretch};
use super::own_attempts::note_attempt;
use super::unlock::{header, origin};
use super::unsaved::note_unsaved;
use super::{keep_errand, revoking};
use crate::backup::destinations;
use crate::fleet::{Connected, FleetFingerprint};
use crate::home::{Account, OwnedAccount};
use crate::model::NewCode;
use crate::progress::step;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result, Watch};
use rand_core::OsRng;
use sealed_keys::{AccountAddress, Argon2Params, CodeKind, RecoveryCode, RecoverySlot, Secret};
use vault_client::{Attempt, Code, Enrolled, Enrolment, Seen, VaultError};
use vault_protocol::Round;

pub(super) const STEPS: u64 = 4;

/// Where a new code goes.
pub(super) struct Place {
    pub owner: OwnedAccount,
    /// 1 for an account's first code.
    version: u32,
    /// A round with spent tries: it is ended first, so that the new code can be proved at once.
    ends: Option<Round>,
}

impl Place {
    /// In an account that nobody has.
    pub(super) fn new(owner: OwnedAccount) -> Self {
        Self { owner, version: 1, ends: None }
    }

    /// As the next code of an account; `None` if its owner ended it.
    pub(super) fn in_account(owner: OwnedAccount, seen: &Seen) -> Option<Self> {
        let spent = seen.code() != Code::None && seen.next_slot() > 1;
        let version = seen.newest_version().saturating_add(1);
        (!seen.is_removed()).then_some(Self { owner, version, ends: spent.then(|| seen.round()) })
    }
}

/// Stores the code at every site, proves it by one full recovery, and brings it to the backups.
pub(super) async fn register(
    keepsake: &Keepsake,
    connected: &Connected,
    place: Place,
    code: RecoveryCode,
    watch: &dyn Watch,
) -> Result<NewCode> {
    let slot = slot(connected, &place, code.kind());
    let stretched = stretch(&code, &slot).await?;
    if watch.cancelled() {
        return Err(AppError::cancelled("Nothing was registered; an earlier code keeps working."));
    }
    step(watch, "Registering the code at every site", 1, STEPS);
    let enrolled = store(keepsake, connected, &place, &slot, &stretched).await?;
    // From here on the new code counts: whatever fails now is a warning beside it, never instead of
    // it.
    let mut warnings = Vec::new();
    let vault_key = Secret::new(*enrolled.vault_key.expose());
    let account = Account { slot, registered: keepsake.now(), code, vault_key };
    let carried = &enrolled.carried;
    if account.slot.code == CodeKind::Generated {
        // Before the account: a code that nobody saw is never taken for a way back.
        let noted = note_unsaved(keepsake, &account.slot);
        warnings.extend(noted.err().map(|e| e.happened));
    }
    let kept = keepsake.keep_account(&account);
    warnings.extend(kept.err().map(|e| format!("{} Make a new code soon.", e.happened)));
    let kept = keep_errand(keepsake, connected, &carried.spread, carried.errand.as_ref());
    warnings.extend(kept.err().map(|e| e.happened));
    step(watch, "Proving that the code works", 2, STEPS);
    let proved = prove(keepsake, connected, &account, &stretched).await;
    let unproved = |e: AppError| {
        format!("The code could not be proved yet: {} Run a drill later.", e.happened)
    };
    warnings.extend(proved.err().map(unproved));
    step(watch, "Updating your backups", 3, STEPS);
    warnings.extend(destinations::renew_ways_back(keepsake).await);
    let boxes = u8::try_from(enrolled.boxes.len()).unwrap_or(u8::MAX);
    warnings.extend(missing_sites(connected, boxes));
    step(watch, "Done", STEPS, STEPS);
    let generated = account.slot.code == CodeKind::Generated;
    let RecoverySlot { at, version, .. } = account.slot;
    Ok(NewCode {
        code: generated.then(|| account.code.display().expose().to_string()),
        fingerprint: FleetFingerprint::of(&at.trust).to_string(),
        fleet_url: at.fleet_url,
        account: at.account.to_string(),
        version,
        mock: connected.verified.mock(),
        sites_registered: boxes,
        replaced: (version > 1).then(|| revoking(&carried.spread)),
        warnings,
    })
}

/// A code that is registered and proved, and that nothing counts on yet.
pub(crate) struct Made {
    pub account: Account,
    /// What the person has to know of sites that were away.
    pub warnings: Vec<String>,
}

/// Registers a code, generated or the person's own, in an account that may be there already, and
/// proves it by a whole recovery. Keeps nothing on this computer.
///
/// # Errors
/// `weak_code`, `too_few_sites`, …; a code that cannot be proved is none.
pub(crate) async fn make_code(
    keepsake: &Keepsake,
    connected: &Connected,
    owner: OwnedAccount,
    own: Option<RecoverySecret>,
) -> Result<Made> {
    let code = choose(own)?;
    let place = match connected.fleet().look(owner.claim.account()).await {
        Ok(seen) => Place::in_account(owner, &seen).ok_or_else(AppError::removed)?,
        Err(VaultError::NoSuchAccount) => Place::new(owner),
        Err(error) => return Err(error.into()),
    };
    let slot = slot(connected, &place, code.kind());
    let stretched = stretch(&code, &slot).await?;
    let enrolled = store(keepsake, connected, &place, &slot, &stretched).await?;
    keep_errand(keepsake, connected, &enrolled.carried.spread, enrolled.carried.errand.as_ref())?;
    let vault_key = Secret::new(*enrolled.vault_key.expose());
    let account = Account { slot, registered: keepsake.now(), code, vault_key };
    prove(keepsake, connected, &account, &stretched).await?;
    let boxes = u8::try_from(enrolled.boxes.len()).unwrap_or(u8::MAX);
    Ok(Made { account, warnings: missing_sites(connected, boxes).into_iter().collect() })
}

async fn store(
    keepsake: &Keepsake,
    connected: &Connected,
    place: &Place,
    slot: &RecoverySlot,
    stretched: &Secret<32>,
) -> Result<Enrolled> {
    let fleet = connected.fleet();
    let owner = place.owner.as_owner();
    if let Some(round) = place.ends {
        let ended = fleet.reset(&owner, round).await;
        keep_errand(keepsake, connected, &ended.spread, ended.errand.as_ref())?;
    }
    let enrolment = Enrolment {
        owner,
        version: slot.version,
        parameters: slot.argon2.into(),
        origin: origin(slot.code),
        stretched: stretched.expose(),
        secret: slot.access.expose(),
    };
    fleet.enroll(&enrolment).await.map_err(|error| in_doubt(error, slot.version))
}

/// A registration that too few sites acknowledged may spread all the same.
fn in_doubt(error: VaultError, version: u32) -> AppError {
    let unclear = matches!(error, VaultError::NotStored(_));
    let mut error = AppError::from(error);
    if unclear {
        error.safe = match version {
            1 => "Your chats and backups are untouched.".into(),
            _ => {
                "Your chats and backups are untouched, but the code you had may not work any more."
                    .into()
            }
        };
        error.next = NextStep::TryUntilItSucceeds;
    }
    error
}

/// One full recovery with the new code. Its confirmation also gives all tries back.
async fn prove(
    keepsake: &Keepsake,
    connected: &Connected,
    account: &Account,
    stretched: &Secret<32>,
) -> Result<()> {
    let slot = &account.slot;
    let attempt = Attempt {
        header: header(slot),
        stretched: stretched.expose(),
        secret: slot.access.expose(),
    };
    let _ = note_attempt(keepsake, slot.at.account);
    let recovered = connected.fleet().recover(&attempt).await?;
    keep_errand(keepsake, connected, &recovered.spread, recovered.errand.as_ref())?;
    if Secret::new(*recovered.vault_key.expose()) != account.vault_key {
        return Err(VaultError::Input("the code did not bring the key back".into()).into());
    }
    Ok(())
}

fn missing_sites(connected: &Connected, registered: u8) -> Option<String> {
    let all = connected.sites();
    let away = all.saturating_sub(registered);
    (away > 0).then(|| {
        format!("{away} of {all} sites were away and hold no part of this code. Make a new code when they are back, so that it survives more outages.")
    })
}

fn slot(connected: &Connected, place: &Place, code: CodeKind) -> RecoverySlot {
    RecoverySlot {
        at: account_address(connected, &place.owner),
        version: place.version,
        access: Secret::generate(&mut OsRng),
        argon2: Argon2Params::default(),
        code,
    }
}

/// Where an account of this fleet is.
pub(crate) fn account_address(connected: &Connected, owner: &OwnedAccount) -> AccountAddress {
    AccountAddress {
        account: owner.claim.account(),
        claim: owner.claim.nonce,
        keys: connected.fleet().keys(),
        trust: connected.verified.trust_id(),
        fleet_id: connected.verified.bundle().fleet_id,
        fleet_url: connected.url.clone(),
    }
}
