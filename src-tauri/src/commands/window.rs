//! What the window may ask for about itself.

use crate::jobs::{Jobs, RunningJob};
use crate::window::WindowState;
use serde::Serialize;
use tauri::{State, WebviewWindow};

/// What a page finds when it is loaded.
#[derive(Serialize, specta::Type)]
pub(crate) struct Resumed {
    pub running: Vec<RunningJob>,
    /// The page before this one died.
    pub after_death: bool,
}

#[tauri::command]
#[specta::specta]
pub(crate) fn resume(jobs: State<'_, Jobs>, window: State<'_, WindowState>) -> Resumed {
    Resumed { running: jobs.running(), after_death: window.take_died() }
}

/// The page shows the question whether to close.
#[tauri::command]
#[specta::specta]
pub(crate) fn close_question_shown(window: State<'_, WindowState>) {
    window.saw_question();
}

/// Closes the window without a question.
#[tauri::command]
#[specta::specta]
pub(crate) fn close_window(window: WebviewWindow) -> Result<(), String> {
    window.destroy().map_err(|error| error.to_string())
}

#[tauri::command]
#[specta::specta]
pub(crate) fn cancel(jobs: State<'_, Jobs>, job: u32) {
    jobs.cancel(job);
}
