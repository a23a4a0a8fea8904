//! Finding messages page by page, with conditions.

use super::message_view::{message, snippet};
use crate::model::{FileKind, FoundMessage, FoundPage, Wanted};
use crate::{Keepsake, Result};
use chat_archive::{Archive, ConversationId, FileSort, SearchQuery};

/// Hits are counted so far: beyond, nobody looks at each.
const MAX_COUNTED: u64 = 10_000;

/// Hits number `from`, `from + 1`, … of what fulfils all conditions, the newest first.
///
/// # Errors
/// As the archive's.
pub async fn find(
    keepsake: &Keepsake,
    wanted: &Wanted,
    from: u32,
    count: u32,
) -> Result<FoundPage> {
    let query = SearchQuery { limit: count as usize, offset: from as usize, ..query(wanted) };
    let read = move |archive: &mut Archive| {
        let page = archive.search(&query)?;
        let total = if page.more || from > 0 {
            archive.count_hits(&query, MAX_COUNTED)?
        } else {
            page.hits.len() as u64
        };
        let hits = page.hits.into_iter().map(|hit| found(archive, hit, &query.text));
        let hits = hits.collect::<Result<_>>()?;
        Ok(FoundPage { hits, more: page.more, total, counted_to: MAX_COUNTED })
    };
    keepsake.with_archive(read).await
}

fn query(wanted: &Wanted) -> SearchQuery {
    SearchQuery {
        text: wanted.words.clone(),
        conversation: wanted.conversation.map(ConversationId),
        sender: wanted.person.clone(),
        from_ms: wanted.from,
        to_ms: wanted.until,
        has_media: wanted.with_file,
        file: wanted.file.map(sort),
        ..SearchQuery::default()
    }
}

fn sort(kind: FileKind) -> FileSort {
    match kind {
        FileKind::Picture => FileSort::Picture,
        FileKind::Video => FileSort::Video,
        FileKind::Sound => FileSort::Sound,
        FileKind::Other => FileSort::Other,
    }
}

fn found(archive: &Archive, hit: chat_archive::SearchHit, words: &str) -> Result<FoundMessage> {
    let position = archive.index_of(hit.message)?;
    Ok(FoundMessage {
        conversation: hit.conversation.0,
        conversation_title: super::shown::shown(&hit.title),
        message: message(archive.message(hit.message)?, position, words),
        snippet: snippet(hit.snippet),
    })
}
