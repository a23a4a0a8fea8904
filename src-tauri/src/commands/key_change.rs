//! What the window may ask for about the person's computers and the backup key.

use super::{Answer, Home};
use crate::jobs::Job;
use app::model::*;
use app::{KeyChange, Stay};

#[tauri::command]
#[specta::specta]
pub(crate) async fn computers(home: Home<'_>) -> Answer<Computers> {
    app::computers(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn key_change_going_on(home: Home<'_>) -> Answer<Option<KeyChangeGoingOn>> {
    app::key_change_going_on(&home.keepsake()?)
}

/// `remove`: the id of a computer that is to go; without it, all others do.
#[tauri::command]
#[specta::specta]
pub(crate) async fn prepare_key_change(
    home: Home<'_>,
    job: Job,
    remove: Option<String>,
    offline_key: bool,
) -> Answer<KeyChangePlan> {
    let stay = remove.map_or_else(|| Stay::These(vec![]), Stay::AllBut);
    let wanted =
        KeyChange { stay, fleet_url: None, without_vault: false, own_code: None, offline_key };
    job.end(app::prepare_key_change(&home.keepsake()?, wanted, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn change_key(home: Home<'_>, job: Job) -> Answer<KeyChangeReport> {
    job.end(app::change_key(&home.keepsake()?, &job).await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn give_up_key_change(home: Home<'_>) -> Answer<()> {
    app::give_up_key_change(&home.keepsake()?).await
}
