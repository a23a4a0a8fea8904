//! The files of a chat, month by month.

use super::attachment::attachment;
use crate::model::{MediaMonth, MediaView};
use crate::{Keepsake, Result};
use chat_archive::{Archive, ConversationId};

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
) -> Result<Vec<MediaView>> {
    let month = month.to_owned();
    let read = move |archive: &mut Archive| {
        let id = ConversationId(conversation);
        let files = archive.media_of_month(Some(id), &month, count as usize, from as usize)?;
        let view = |item: chat_archive::MediaItem| {
            Ok(MediaView {
                position: archive.index_of(item.message)?,
                at: item.time.ms,
                zone: item.time.zone.as_str().into(),
                attachment: attachment(item.attachment),
            })
        };
        files.into_iter().map(view).collect()
    };
    keepsake.with_archive(read).await
}
