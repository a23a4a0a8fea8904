//! Looking at the places and at the vault.

use super::judge::{Facts, PlaceFacts, Ways, judge};
use super::proofs::Proofs;
use super::surroundings::writable;
use crate::backup::destinations::{self, Destination, ways_back};
use crate::fleet::{connect, connect_examined};
use crate::kit::slots_of_unsaved;
use crate::model::{PasskeyPlace, PlaceAnswer, PlaceLook, Protection, VaultAnswer};
use crate::passkeys::passkey_places;
use crate::progress::blocking;
use crate::recovery::has_unsaved_code;
use crate::{AppError, Keepsake, NextStep, Result};
use sealed_keys::{Header, SlotKind};
use vault_client::Code;

/// How well the chats are protected: every place is looked at, and the vault asked if a way back
/// needs it. Spends no try and changes nothing.
///
/// # Errors
/// What is remembered here cannot be read. What does not answer is no error: it is the answer.
pub async fn protection(keepsake: &Keepsake) -> Result<Protection> {
    let unsaved_code = has_unsaved_code(keepsake)?;
    let home = keepsake.clone();
    let looked = blocking(move || {
        let places = home.destinations()?.into_iter();
        places.map(|place| look_at(&home, place, unsaved_code)).collect::<Result<Vec<_>>>()
    })
    .await?;
    let (mut facts, places): (Vec<_>, Vec<_>) = looked.into_iter().unzip();
    let needs_vault = facts.iter().any(|f| f.ways.code || f.ways.security_key);
    let (vault, vault_problem) = match needs_vault {
        true => ask_vault(keepsake, &mut facts).await,
        false => (VaultAnswer::NotUsed, None),
    };
    let unsaved_kit = keepsake.present_kits()?.into_iter().any(|kit| kit.saved.is_none());
    let unsaved = unsaved_code || unsaved_kit;
    let proofs = Proofs::read(keepsake)?;
    let facts = Facts { places: facts, vault, unsaved };
    Ok(Protection {
        state: judge(&facts),
        looked_at: i64::try_from(keepsake.now()).unwrap_or(i64::MAX),
        places,
        vault,
        vault_problem,
        unsaved_code,
        unsaved_kit,
        last_proof: proofs.last.and_then(|at| i64::try_from(at).ok()),
        drill_due: proofs.is_due(keepsake.now()),
    })
}

fn look_at(
    keepsake: &Keepsake,
    place: Destination,
    unsaved_code: bool,
) -> Result<(PlaceFacts, PlaceLook)> {
    let opened = destinations::open(keepsake, &place.url);
    let (answer, problem, ways, named, computers) = match &opened {
        Ok(repository) => {
            let header = repository.header();
            let answer = match writable(&place.url) {
                true => PlaceAnswer::Ready,
                false => PlaceAnswer::ReadOnly,
            };
            let computers = header.slots_of(&SlotKind::Computer).count();
            let ways = ways_of(keepsake, header, unsaved_code)?;
            (answer, None, ways, ways_back(header), computers)
        }
        Err(error) => (answer_of(error), Some(error.happened.clone()), Ways::default(), vec![], 0),
    };
    let look = PlaceLook {
        url: place.url,
        answer,
        problem,
        opens_with: named,
        computers: u32::try_from(computers).unwrap_or(u32::MAX),
        last_backup: place.last_backup.and_then(|at| i64::try_from(at).ok()),
    };
    Ok((PlaceFacts { answer, ways }, look))
}

fn answer_of(error: &AppError) -> PlaceAnswer {
    match error.code {
        "place_missing"
        | "not_a_backup"
        | "place_refused"
        | "place_unreachable"
        | "place_login_missing"
        | "no_rclone"
        | "rclone"
        | "bad_place" => PlaceAnswer::Gone,
        _ => PlaceAnswer::Damaged,
    }
}

fn ways_of(keepsake: &Keepsake, header: &Header, unsaved_code: bool) -> Result<Ways> {
    let offline = header.slots_of(&SlotKind::OfflineKey).count();
    let passkeys = passkey_places(header);
    Ok(Ways {
        kit: offline > slots_of_unsaved(keepsake, header)?,
        code: !unsaved_code && header.slots_of(&SlotKind::RecoveryCode).next().is_some(),
        security_key: passkeys.contains(&PasskeyPlace::SecurityKey),
        passkey_here: passkeys.contains(&PasskeyPlace::ThisComputer),
    })
}

/// Whether the vault of this computer's account answers, and can be believed. A code that is over
/// there is no way back.
async fn ask_vault(
    keepsake: &Keepsake,
    places: &mut [PlaceFacts],
) -> (VaultAnswer, Option<String>) {
    let asked = async {
        let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?.address;
        let connected = match connect_examined(keepsake, &at.fleet_url).await {
            // No code is sent here: then it counts what was found when the evidence could be had.
            Err(error) if error.code == "no_evidence" => connect(keepsake, &at.fleet_url).await?,
            examined => examined?,
        };
        let seen = connected.fleet().look(at.account).await;
        seen.map_err(|e| connected.refusal(e, &at))
    };
    match asked.await {
        Ok(seen) => {
            if !matches!(seen.code(), Code::Open { .. } | Code::Frozen { .. }) {
                places.iter_mut().for_each(|place| place.ways.code = false);
            }
            (VaultAnswer::Good, None)
        }
        Err(error) if is_distrust(&error) => (VaultAnswer::Distrusted, Some(error.happened)),
        Err(error) => (VaultAnswer::Away, Some(error.happened)),
    }
}

/// The fleet answered, and what it showed was refused.
fn is_distrust(error: &AppError) -> bool {
    matches!(
        error.next,
        NextStep::DoNotTypeCode | NextStep::AskAuditor | NextStep::VerifyFleetAgain
    )
}
