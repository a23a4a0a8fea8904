//! What the window may ask for about backups.

use super::{Answer, Home, TypedCode};
use crate::jobs::Job;
use app::PlaceLogin;
use app::model::*;
use std::time::Duration;

#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_backup(home: Home<'_>, place: String) -> Answer<BackupPreview> {
    app::preview_backup(&home.keepsake()?, &place).await
}

/// Opens a backup with its offline key: this computer has its backup key then.
#[tauri::command]
#[specta::specta]
pub(crate) async fn recover_with_offline_key(
    home: Home<'_>,
    place: String,
    key: TypedCode,
) -> Answer<()> {
    app::recover_with_offline_key(&home.keepsake()?, &place, key.into()).await
}

/// Tries a place that is no folder, and stores the login for it. Without a name, what was stored is
/// tried.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_place(
    home: Home<'_>,
    place: String,
    name: String,
    secret: TypedCode,
) -> Answer<PlaceView> {
    let login = (!name.is_empty()).then(|| PlaceLogin { name, secret: secret.into() });
    app::add_place(&home.keepsake()?, &place, login).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn back_up(home: Home<'_>, job: Job, place: String) -> Answer<BackupReport> {
    job.end(app::back_up(&home.keepsake()?, &place, Duration::ZERO, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn snapshots(home: Home<'_>, place: String) -> Answer<Vec<SnapshotView>> {
    app::snapshots(&home.keepsake()?, &place).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_backup(
    home: Home<'_>,
    job: Job,
    place: String,
    read_data: bool,
) -> Answer<CheckReport> {
    job.end(app::check_backup(&home.keepsake()?, &place, read_data, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn restore(
    home: Home<'_>,
    job: Job,
    place: String,
    snapshot: Option<String>,
) -> Answer<RestoreReport> {
    job.end(app::restore(&home.keepsake()?, &place, snapshot, &job).await)
}
