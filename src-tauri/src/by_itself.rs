//! While the window is open it makes the backups that are due, as the background mode does when it
//! is not. The two never work at once, and decide by the same facts.

use crate::home::OpenHome;
use app::{PassResult, Unwatched};
use serde::Serialize;
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tauri_specta::Event;

/// The window is to be there first.
const AT_START: Duration = Duration::from_secs(20);

/// Often enough that a disk that was just plugged in is used at once.
const BETWEEN: Duration = Duration::from_secs(60);

/// A backup was made, or failed, or new exports were found, without the person.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct BackedUpByItself {
    pub places: Vec<String>,
}

pub(crate) fn start(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(AT_START).await;
        loop {
            look(&app).await;
            tokio::time::sleep(BETWEEN).await;
        }
    });
}

/// What cannot be looked at now is looked at a minute later; the window says why where it matters.
async fn look(app: &AppHandle) {
    let Ok(keepsake) = app.state::<OpenHome>().keepsake() else { return };
    let Ok(pass) = app::back_up_what_is_due(&keepsake, &Unwatched).await else { return };
    if let Some(notice) = &pass.notice {
        app::show_notification(notice).await;
    }
    let tried = [PassResult::BackedUp, PassResult::Failed];
    let places: Vec<String> = pass
        .places
        .into_iter()
        .filter(|place| tried.contains(&place.result))
        .map(|place| place.url)
        .collect();
    let brought = pass.exports.offered + pass.exports.messages;
    if !places.is_empty() || brought > 0 {
        // A window that is closing has nobody to tell.
        let _ = BackedUpByItself { places }.emit(app);
    }
}
