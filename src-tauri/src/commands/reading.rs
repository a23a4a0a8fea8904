//! What the window may ask for while a person reads: what was found, files, links, numbers.

use super::{Answer, Home};
use app::model::*;
use app::{AppError, NextStep, ShelfPlace};
use std::path::Path;

/// Hits number `from` on, the newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn find(
    home: Home<'_>,
    wanted: Wanted,
    from: u32,
    count: u32,
) -> Answer<FoundPage> {
    app::find(&home.keepsake()?, &wanted, from, count).await
}

/// Above the others, out of the way, or by its newest message.
#[tauri::command]
#[specta::specta]
pub(crate) async fn shelve_chat(
    home: Home<'_>,
    conversation: i64,
    place: ShelfPlace,
) -> Answer<()> {
    app::shelve_chat(&home.keepsake()?, conversation, place).await
}

/// The next newer picture or video of the chat, or the next older.
#[tauri::command]
#[specta::specta]
pub(crate) async fn neighbour_media(
    home: Home<'_>,
    message: i64,
    ordinal: u32,
    newer: bool,
) -> Answer<Option<MediaPlace>> {
    app::neighbour_media(&home.keepsake()?, message, ordinal, newer).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn message_info(home: Home<'_>, message: i64) -> Answer<MessageInfo> {
    app::message_info(&home.keepsake()?, message).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn chat_numbers(home: Home<'_>, conversation: i64) -> Answer<ChatNumbers> {
    app::chat_numbers(&home.keepsake()?, conversation).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_attachment(home: Home<'_>, hash: String, out: String) -> Answer<()> {
    app::save_attachment(&home.keepsake()?, &hash, Path::new(&out)).await
}

/// What was chosen of a chat, in a new file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_text(out: String, text: String) -> Answer<()> {
    app::save_text(Path::new(&out), text).await
}

/// In the system's program for it: a plain copy, which goes when the window closes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_attachment(home: Home<'_>, hash: String, name: String) -> Answer<()> {
    let copy = app::lay_out_attachment(&home.keepsake()?, &hash, &name).await?;
    tauri_plugin_opener::open_path(copy, None::<&str>)
        .map_err(|error| no_program(&error, NextStep::SaveAttachment))
}

/// In the system's browser. The person has seen where it leads.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_link(address: String) -> Answer<()> {
    tauri_plugin_opener::open_url(app::checked_link(&address)?, None::<&str>)
        .map_err(|error| no_program(&error, NextStep::CopyLink))
}

fn no_program(error: &tauri_plugin_opener::Error, next: NextStep) -> AppError {
    let happened = format!("No program of this computer could open it: {error}.");
    AppError::new("not_opened", happened, "Nothing was changed.", next)
}
