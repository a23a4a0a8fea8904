//! What the window may ask for about passkeys.

use super::{Answer, Home, TypedCode, sheet};
use crate::jobs::Job;
use app::NewPasskey;
use app::model::*;

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
    job: Job,
    fleet_url: Option<String>,
    place: PasskeyPlace,
    name: String,
    pin: TypedCode,
) -> Answer<PasskeyAdded> {
    let new = NewPasskey { fleet_url, place, name };
    job.end(app::add_passkey(&home.keepsake()?, new, pin.into(), &job).await)
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
    job: Job,
    id: String,
    pin: Option<TypedCode>,
    last_way_in: bool,
) -> Answer<PasskeyRemoved> {
    let pin = pin.map(Into::into);
    job.end(app::remove_passkey(&home.keepsake()?, &id, pin, last_way_in, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn drill_passkey(
    home: Home<'_>,
    job: Job,
    id: String,
    pin: TypedCode,
) -> Answer<PasskeyUsed> {
    job.end(app::drill_passkey(&home.keepsake()?, &id, pin.into(), &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn reveal_code(
    home: Home<'_>,
    job: Job,
    id: String,
    pin: TypedCode,
) -> Answer<RevealedCode> {
    job.end(app::reveal_code(&home.keepsake()?, &id, pin.into(), &job).await)
}

#[tauri::command]
#[specta::specta]
#[allow(clippy::too_many_arguments)]
pub(crate) async fn recover_with_passkey(
    home: Home<'_>,
    job: Job,
    place: String,
    fleet: Option<String>,
    kept: PasskeyPlace,
    pin: TypedCode,
) -> Answer<PasskeyUsed> {
    let fleet = sheet(fleet);
    job.end(
        app::recover_with_passkey(
            &home.keepsake()?,
            &place,
            fleet.as_ref(),
            kept,
            pin.into(),
            &job,
        )
        .await,
    )
}
