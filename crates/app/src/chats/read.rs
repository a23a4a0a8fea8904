//! Reading and searching what is in the archive.

use super::media_type::type_of;
use super::message_view::{message, snippet};
use super::shelf::{Shelf, ShelfKey};
use super::shown::shown;
use super::spelled;
use crate::model::{ConversationView, MessageView, SearchHit, Zone};
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{
    Archive, ConversationId, ConversationKind, ConversationSummary, MediaHash, SearchQuery,
};
use std::io::Read;

/// Largest attachment that is shown in place; larger ones are exported to a file.
const MAX_SHOWN_MEDIA: u64 = 64 * 1024 * 1024;

/// All conversations, the most recently active first.
pub async fn conversations(keepsake: &Keepsake) -> Result<Vec<ConversationView>> {
    let shelf = Shelf::read(keepsake)?;
    let list = move |archive: &mut Archive| {
        Ok(archive.conversations()?.into_iter().map(|c| conversation(c, &shelf)).collect())
    };
    keepsake.with_archive(list).await
}

/// Messages `from`, `from + 1`, … of a conversation, in order of time.
pub async fn messages(
    keepsake: &Keepsake,
    conversation: i64,
    from: u64,
    count: u32,
) -> Result<Vec<MessageView>> {
    messages_with(keepsake, conversation, from, count, "").await
}

/// As [`messages`], with the words of a query marked in their texts.
///
/// # Errors
/// As the archive's.
pub async fn messages_with(
    keepsake: &Keepsake,
    conversation: i64,
    from: u64,
    count: u32,
    words: &str,
) -> Result<Vec<MessageView>> {
    let words = words.to_owned();
    let read = move |archive: &mut Archive| {
        let page = archive.messages_at(ConversationId(conversation), from, count as usize)?;
        Ok(page.into_iter().zip(from..).map(|(m, at)| message(m, at, &words)).collect())
    };
    keepsake.with_archive(read).await
}

/// Place of the first message not before `at` (unix milliseconds).
pub async fn position_at(keepsake: &Keepsake, conversation: i64, at: i64) -> Result<u64> {
    keepsake
        .with_archive(move |archive| Ok(archive.index_of_time(ConversationId(conversation), at)?))
        .await
}

/// Messages with these words, newest first, with the words marked.
pub async fn search(
    keepsake: &Keepsake,
    query: &str,
    conversation: Option<i64>,
    limit: u32,
) -> Result<Vec<SearchHit>> {
    let query = SearchQuery {
        text: query.to_string(),
        conversation: conversation.map(ConversationId),
        limit: limit as usize,
        ..SearchQuery::default()
    };
    let read = move |archive: &mut Archive| {
        archive
            .search(&query)?
            .hits
            .into_iter()
            .map(|hit| found(archive, hit))
            .collect::<Result<_>>()
    };
    keepsake.with_archive(read).await
}

/// The bytes of an attachment, at most 64 MiB.
pub async fn media_bytes(keepsake: &Keepsake, hash: &str) -> Result<Vec<u8>> {
    let hash = MediaHash::try_from(hash.to_string()).map_err(not_media)?;
    let read = move |archive: &mut Archive| {
        let mut out = Vec::new();
        let mut content = archive.open_media(&hash)?.take(MAX_SHOWN_MEDIA + 1);
        content.read_to_end(&mut out).map_err(|e| AppError::disk("reading an attachment", &e))?;
        if out.len() as u64 > MAX_SHOWN_MEDIA {
            return Err(not_media("it is too large to show here"));
        }
        Ok(out)
    };
    keepsake.with_archive(read).await
}

fn found(archive: &Archive, hit: chat_archive::SearchHit) -> Result<SearchHit> {
    let position = archive.index_of(hit.message)?;
    Ok(SearchHit {
        conversation: hit.conversation.0,
        conversation_title: hit.title,
        message: message(archive.message(hit.message)?, position, ""),
        snippet: snippet(hit.snippet),
    })
}

fn conversation(summary: ConversationSummary, shelf: &Shelf) -> ConversationView {
    let key = ShelfKey { source: summary.source.as_str().into(), key: summary.key };
    ConversationView {
        pinned: shelf.pinned.contains(&key),
        archived: shelf.archived.contains(&key),
        id: summary.id.0,
        source: spelled::messenger(summary.source),
        title: shown(&summary.title),
        group: summary.kind == ConversationKind::Group,
        participants: summary.participants.iter().map(|p| shown(&p.name)).collect(),
        messages: summary.messages,
        attachments: summary.attachments,
        owner: summary.participants.iter().find(|p| p.own == Some(true)).map(|p| shown(&p.name)),
        unclaimed_files: summary.unclaimed_files,
        last_at: summary.last.as_ref().map(|l| l.time.ms),
        last_zone: summary.last.as_ref().map_or(Zone::Local, |l| spelled::zone(l.time.zone)),
        last_text: summary.last.map(|l| shown(&l.text)).unwrap_or_default(),
    }
}

/// What the bytes of a file are, whatever the export calls them: `image/png`; plain bytes for what
/// could carry a script.
pub fn media_type(bytes: &[u8]) -> &'static str {
    type_of(bytes)
}

fn not_media(why: &str) -> AppError {
    AppError::new(
        "not_found",
        format!("This attachment cannot be shown: {why}."),
        "Nothing was changed.",
        NextStep::ExportToReadAttachment,
    )
}
