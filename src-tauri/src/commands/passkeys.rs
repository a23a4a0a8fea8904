//! What the window may ask for about passkeys.

use super::{Answer, Home, TypedCode, sheet};
use crate::jobs::Jobs;
use app::NewPasskey;
use app::model::*;
use tauri::{AppHandle, State};

#[tauri::command]
#[specta::specta]
pub(crate) async fn passkeys(home: Home<'_>) -> Answer<PasskeyOverview> {
    app::passkeys(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
#[allow(clippy::too_many_arguments)]
pub(crate) async fn add_passkey(
    home: Home<'_>,
    jobs: State<'_, Jobs>,
    window: AppHandle,
    job: u32,
    fleet_url: Option<String>,
    place: PasskeyPlace,
    name: String,
    pin: TypedCode,
) -> Answer<PasskeyAdded> {
    let new = NewPasskey { fleet_url, place, name };
    app::add_passkey(&home.keepsake()?, new, pin.into(), &jobs.start(window, job)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_passkey(home: Home<'_>, id: String, name: String) -> Answer<()> {
    app::rename_passkey(&home.keepsake()?, &id, &name)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_passkey(
    home: Home<'_>,
    jobs: State<'_, Jobs>,
    window: AppHandle,
    job: u32,
    id: String,
    pin: Option<TypedCode>,
    last_way_in: bool,
) -> Answer<PasskeyRemoved> {
    let pin = pin.map(Into::into);
    app::remove_passkey(&home.keepsake()?, &id, pin, last_way_in, &jobs.start(window, job)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn drill_passkey(
    home: Home<'_>,
    jobs: State<'_, Jobs>,
    window: AppHandle,
    job: u32,
    id: String,
    pin: TypedCode,
) -> Answer<PasskeyUsed> {
    app::drill_passkey(&home.keepsake()?, &id, pin.into(), &jobs.start(window, job)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn reveal_code(
    home: Home<'_>,
    jobs: State<'_, Jobs>,
    window: AppHandle,
    job: u32,
    id: String,
    pin: TypedCode,
) -> Answer<RevealedCode> {
    app::reveal_code(&home.keepsake()?, &id, pin.into(), &jobs.start(window, job)).await
}

#[tauri::command]
#[specta::specta]
#[allow(clippy::too_many_arguments)]
pub(crate) async fn recover_with_passkey(
    home: Home<'_>,
    jobs: State<'_, Jobs>,
    window: AppHandle,
    job: u32,
    place: String,
    fleet: Option<String>,
    kept: PasskeyPlace,
    pin: TypedCode,
) -> Answer<PasskeyUsed> {
    let fleet = sheet(fleet);
    let watch = jobs.start(window, job);
    app::recover_with_passkey(&home.keepsake()?, &place, fleet.as_ref(), kept, pin.into(), &watch)
        .await
}
