//! A message and a chat looked at from outside: where it comes from, and in numbers.

use crate::model::{ChatNumbers, ExportSeen, MessageInfo, PersonNumbers, YearNumbers};
use crate::{AppError, Keepsake, Result};
use chat_archive::{Archive, ConversationId, MessageId};

/// Where a message comes from, and all that the archive has of it.
///
/// # Errors
/// `not_found`: no such message.
pub async fn message_info(keepsake: &Keepsake, message: i64) -> Result<MessageInfo> {
    let read = move |archive: &mut Archive| {
        let view = archive.message(MessageId(message))?;
        let exports = archive.exports_seen(view.conversation)?;
        let record = serde_json::to_string_pretty(&view.record).map_err(|_| AppError::stopped())?;
        Ok(MessageInfo {
            source_id: view.record.source_id.clone(),
            exports: exports
                .into_iter()
                .map(|(export, ms)| ExportSeen {
                    name: super::shown::shown(&export.name),
                    imported: (ms > 0).then_some(ms / 1_000),
                })
                .collect(),
            raw: view.record.details.raw.clone(),
            record,
        })
    };
    keepsake.with_archive(read).await
}

/// A chat in numbers: by year, by person, its first and last message.
///
/// # Errors
/// As the archive's.
pub async fn chat_numbers(keepsake: &Keepsake, conversation: i64) -> Result<ChatNumbers> {
    let read = move |archive: &mut Archive| {
        let told = archive.statistics(ConversationId(conversation))?;
        let year =
            |one: chat_archive::YearCount| YearNumbers { year: one.year, messages: one.messages };
        let person = |one: chat_archive::PersonCount| PersonNumbers {
            name: super::shown::shown(&one.name),
            own: one.own,
            messages: one.messages,
        };
        Ok(ChatNumbers {
            years: told.years.into_iter().map(year).collect(),
            people: told.people.into_iter().map(person).collect(),
            first: told.first,
            last: told.last,
        })
    };
    keepsake.with_archive(read).await
}
