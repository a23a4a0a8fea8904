//! What the window may ask for about people, a chat's files, and giving a chat back.

use super::{Answer, Home};
use crate::jobs::Job;
use app::model::*;
use app::{Between, ExportFormat};
use std::path::Path;

#[tauri::command]
#[specta::specta]
pub(crate) async fn people(home: Home<'_>) -> Answer<Vec<PersonView>> {
    app::people(&home.keepsake()?).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn link_people(home: Home<'_>, a: Handle, b: Handle) -> Answer<()> {
    app::link_people(&home.keepsake()?, &a, &b).await
}

/// Takes back that these two are one person.
#[tauri::command]
#[specta::specta]
pub(crate) async fn part_people(home: Home<'_>, a: Handle, b: Handle) -> Answer<()> {
    app::part_people(&home.keepsake()?, &a, &b).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unlink_person(home: Home<'_>, handle: Handle) -> Answer<()> {
    app::unlink_person(&home.keepsake()?, &handle).await
}

/// Without a name, the exports' names hold again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn name_person(
    home: Home<'_>,
    handle: Handle,
    name: Option<String>,
) -> Answer<()> {
    app::name_person(&home.keepsake()?, &handle, name.as_deref()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn media_months(home: Home<'_>, conversation: i64) -> Answer<Vec<MediaMonth>> {
    app::media_months(&home.keepsake()?, conversation).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn media_of_month(
    home: Home<'_>,
    conversation: i64,
    month: String,
    from: u32,
    count: u32,
) -> Answer<Vec<MediaPlace>> {
    app::media_of_month(&home.keepsake()?, conversation, &month, from, count).await
}

/// Writes a chat to a new file or folder; gives the number of messages. `from` and `until` are unix
/// milliseconds.
#[tauri::command]
#[specta::specta]
#[allow(clippy::too_many_arguments)]
pub(crate) async fn export_chat(
    home: Home<'_>,
    job: Job,
    conversation: i64,
    format: ExportFormat,
    from: Option<i64>,
    until: Option<i64>,
    out: String,
) -> Answer<u64> {
    let between = Between { from, until };
    job.end(
        app::export_conversation(
            &home.keepsake()?,
            conversation,
            format,
            between,
            Path::new(&out),
            &job,
        )
        .await,
    )
}
