//! What the window may ask for about ways back: how good they are, kits, and codes that were just
//! made.

use super::{Answer, Home, TypedCode};
use app::model::*;

/// How well the chats are protected, from what is looked at now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn protection(home: Home<'_>) -> Answer<Protection> {
    app::protection(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_drill_reminder(home: Home<'_>) -> Answer<()> {
    app::dismiss_drill_reminder(&home.keepsake()?)
}

/// The words are shown once; the caller wipes them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_kit(home: Home<'_>) -> Answer<KitView> {
    app::make_kit(&home.keepsake()?).await
}

/// The person typed some of its words from paper.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_kit(home: Home<'_>, id: String) -> Answer<()> {
    app::confirm_kit(&home.keepsake()?, &id)
}

/// Gives the backups that could not be changed now, each as a sentence.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_kit(home: Home<'_>, id: String) -> Answer<Vec<String>> {
    app::remove_kit(&home.keepsake()?, &id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn kits(home: Home<'_>) -> Answer<Vec<KitEntry>> {
    app::kits(&home.keepsake()?)
}

/// Opens each backup with the typed kit, as a new computer would; restores nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drill_kit(home: Home<'_>, key: TypedCode) -> Answer<KitDrill> {
    app::drill_kit(&home.keepsake()?, key.into()).await
}

/// The person typed the code that was just made from paper.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_code(home: Home<'_>) -> Answer<()> {
    app::confirm_code(&home.keepsake()?)
}

/// Undoes the registration of a code that nobody has on paper.
#[tauri::command]
#[specta::specta]
pub(crate) async fn discard_code(home: Home<'_>) -> Answer<Option<SpreadView>> {
    app::discard_code(&home.keepsake()?).await
}

/// Backups that this computer knows or that are on its disks.
#[tauri::command]
#[specta::specta]
pub(crate) async fn find_backups(home: Home<'_>) -> Answer<Vec<FoundBackup>> {
    app::find_backups(&home.keepsake()?).await
}

/// Vaults that somebody named for this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn known_fleets() -> Answer<Vec<KnownFleet>> {
    app::known_fleets()
}
