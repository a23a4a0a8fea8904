//! The files of a chat, month by month.

use super::attachment::attachment;
use super::spelled;
use crate::model::{MediaMonth, MediaPlace};
use crate::{Keepsake, Result};
use chat_archive::{Archive, ConversationId, MessageId, Towards};

/// Months of a chat that have files, the newest first.
pub async fn media_months(keepsake: &Keepsake, conversation: i64) -> Result<Vec<MediaMonth>> {
    let read = move |archive: &mut Archive| {
        let months = archive.media_months(Some(ConversationId(conversation)))?;
        Ok(months
            .into_iter()
            .map(|one| MediaMonth { month: one.month, files: one.files })
            .collect())
    };
    keepsake.with_archive(read).await
}

/// Files `from`, `from + 1`, … of a month (`2024-03`), the newest first; missing ones among them.
pub async fn media_of_month(
    keepsake: &Keepsake,
    conversation: i64,
    month: &str,
    from: u32,
    count: u32,
) -> Result<Vec<MediaPlace>> {
    let month = month.to_owned();
    let read = move |archive: &mut Archive| {
        let id = ConversationId(conversation);
        let files = archive.media_of_month(Some(id), &month, count as usize, from as usize)?;
        files.into_iter().map(|file| place(archive, file)).collect()
    };
    keepsake.with_archive(read).await
}

/// The picture or video beside the file number `ordinal` of a message: the next newer one, or the
/// next older.
///
/// # Errors
/// `not_found`: no such message.
pub async fn neighbour_media(
    keepsake: &Keepsake,
    message: i64,
    ordinal: u32,
    newer: bool,
) -> Result<Option<MediaPlace>> {
    let towards = if newer { Towards::Newer } else { Towards::Older };
    let read = move |archive: &mut Archive| {
        let found = archive.neighbour_media(MessageId(message), ordinal, towards)?;
        found.map(|file| place(archive, file)).transpose()
    };
    keepsake.with_archive(read).await
}

fn place(archive: &Archive, item: chat_archive::MediaItem) -> Result<MediaPlace> {
    Ok(MediaPlace {
        message: item.message.0,
        position: archive.index_of(item.message)?,
        ordinal: item.ordinal,
        at: item.time.ms,
        zone: spelled::zone(item.time.zone),
        attachment: attachment(item.attachment),
    })
}
