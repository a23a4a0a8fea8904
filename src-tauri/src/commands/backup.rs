//! What the window may ask for about backups.

use super::{Answer, Home, TypedCode};
use crate::jobs::Job;
use app::model::*;
use app::{
    ArchiveCheck, ArchiveRepair, BackgroundMode, Between, DeletedChat, Every, Forgotten,
    KeepPolicy, PlaceLogin, RepairReport, RestoreChoice, RestoreParts,
};
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

/// A part of a snapshot: chats by the ids that browsing gives, a time in unix milliseconds.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_part(
    home: Home<'_>,
    job: Job,
    place: String,
    part: PartOfSnapshot,
) -> Answer<RestoreReport> {
    let PartOfSnapshot { snapshot, chats, from, until, parts } = part;
    let between = Between { from, until };
    let choice = RestoreChoice { snapshot, chats, between, parts };
    job.end(app::restore_chosen(&home.keepsake()?, &place, choice, &job).await)
}

#[derive(serde::Deserialize, specta::Type)]
pub(crate) struct PartOfSnapshot {
    snapshot: Option<String>,
    chats: Vec<String>,
    from: Option<i64>,
    until: Option<i64>,
    parts: RestoreParts,
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn place_now(home: Home<'_>, place: String) -> Answer<PlaceNow> {
    app::place_now(&home.keepsake()?, &place).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_place(home: Home<'_>, place: String) -> Answer<()> {
    app::forget_place(&home.keepsake()?, &place).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn start_anew(home: Home<'_>, place: String) -> Answer<()> {
    app::start_anew(&home.keepsake()?, &place).await
}

/// Takes an older state than this computer saw, which the person put there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn accept_older_backup(
    home: Home<'_>,
    place: String,
) -> Answer<Option<SnapshotView>> {
    app::accept_older_backup(&home.keepsake()?, &place).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn browse_backup(
    home: Home<'_>,
    place: String,
    snapshot: Option<String>,
) -> Answer<Vec<BackedUpChat>> {
    app::browse_backup(&home.keepsake()?, &place, snapshot).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_stats(home: Home<'_>, place: String) -> Answer<BackupStats> {
    app::backup_stats(&home.keepsake()?, &place).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn diff_backup(
    home: Home<'_>,
    place: String,
    from: String,
    to: String,
) -> Answer<BackupDiff> {
    app::diff_backup(&home.keepsake()?, &place, from, Some(to)).await
}

/// With `dry_run` only says what would go.
#[tauri::command]
#[specta::specta]
pub(crate) async fn prune_backup(
    home: Home<'_>,
    job: Job,
    place: String,
    keep: KeepPolicy,
    dry_run: bool,
) -> Answer<PruneReport> {
    job.end(app::prune_backup(&home.keepsake()?, &place, keep, dry_run, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn repair_backup(home: Home<'_>, job: Job, place: String) -> Answer<RepairReport> {
    job.end(app::repair_backup(&home.keepsake()?, &place, Duration::ZERO, &job).await)
}

/// Takes chats out of a backup; they stay on this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_chats(
    home: Home<'_>,
    job: Job,
    place: String,
    chats: Vec<String>,
) -> Answer<Forgotten> {
    job.end(app::forget_chats(&home.keepsake()?, &place, chats, &job).await)
}

/// For good: here, and in every backup that can be reached.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_chat(
    home: Home<'_>,
    job: Job,
    conversation: i64,
) -> Answer<DeletedChat> {
    job.end(app::delete_chat(&home.keepsake()?, conversation, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn schedule(home: Home<'_>) -> Answer<Every> {
    app::schedule(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_schedule(home: Home<'_>, every: Every) -> Answer<()> {
    app::set_schedule(&home.keepsake()?, every).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn background_mode(home: Home<'_>) -> Answer<BackgroundMode> {
    app::background_mode(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_background(home: Home<'_>, on: bool) -> Answer<BackgroundMode> {
    let keepsake = home.keepsake()?;
    match on {
        true => app::enable_background(&keepsake).await,
        false => app::disable_background(&keepsake).await,
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn watched_folders(home: Home<'_>) -> Answer<Watched> {
    app::watched_folders(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn watch_folder(home: Home<'_>, path: String, by_itself: bool) -> Answer<Watched> {
    app::watch_folder(&home.keepsake()?, &path, by_itself).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unwatch_folder(home: Home<'_>, path: String) -> Answer<Watched> {
    app::unwatch_folder(&home.keepsake()?, &path).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_offer(home: Home<'_>, path: String) -> Answer<Watched> {
    app::dismiss_offer(&home.keepsake()?, &path).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn diagnostics(home: Home<'_>) -> Answer<String> {
    app::diagnostics(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_archive(home: Home<'_>, job: Job) -> Answer<ArchiveCheck> {
    job.end(app::check_archive(&home.keepsake()?, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn repair_archive(home: Home<'_>, job: Job) -> Answer<ArchiveRepair> {
    job.end(app::repair_archive(&home.keepsake()?, &job).await)
}
