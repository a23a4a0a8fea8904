//! A message of the archive as the shells show it.

use super::attachment::attachment;
use super::shown::{shown, without_overrides};
use super::spelled;
use super::text_pieces::pieces;
use crate::model::{MessageView, ReactionView, ReplyView, SnippetPart};
use chat_archive::matches_in;

/// `words`: what is marked in the text, if anything.
pub(super) fn message(view: chat_archive::MessageView, position: u64, words: &str) -> MessageView {
    let record = view.record;
    let hits = if words.is_empty() { vec![] } else { matches_in(&record.text, words) };
    MessageView {
        id: view.id.0,
        position,
        own: view.sender.as_ref().is_some_and(|p| p.own == Some(true)),
        sender: view.sender.map(|p| shown(&p.name)),
        at: record.time.ms,
        precision: spelled::precision(record.time.precision),
        zone: spelled::zone(record.time.zone),
        kind: spelled::kind(record.kind),
        notes: notes(&record),
        pieces: pieces(&record.text, &hits),
        text: record.text,
        earlier: record.earlier.into_iter().map(|w| without_overrides(&w.text)).collect(),
        forwarded_from: record.forwarded_from.map(|name| shown(&name)),
        edited: record.edited,
        edited_at: record.edited_at,
        unsent: record.unsent,
        reply_to: view
            .reply
            .map(|r| ReplyView { sender: r.sender.map(|name| shown(&name)), text: shown(&r.text) }),
        reactions: record
            .reactions
            .into_iter()
            .map(|r| ReactionView {
                emoji: r.emoji,
                by: r.actor.map_or_else(|| r.count.to_string(), |name| shown(&name)),
            })
            .collect(),
        attachments: record.attachments.into_iter().map(attachment).collect(),
    }
}

/// What few messages have, in words.
fn notes(record: &chat_archive::MessageRecord) -> Vec<String> {
    let details = &record.details;
    let parts = [
        details.via.as_ref().map(|via| format!("via {via}")),
        details.signature.as_ref().map(|who| format!("signed {who}")),
        details.topic.as_ref().map(|topic| format!("in {topic}")),
        details.reply_chat.as_ref().map(|chat| format!("answers a message in {chat}")),
    ];
    parts.into_iter().flatten().map(|note| shown(&note)).collect()
}

/// The text around what was searched.
pub(super) fn snippet(parts: Vec<chat_archive::SnippetPart>) -> Vec<SnippetPart> {
    parts.into_iter().map(|p| SnippetPart { text: shown(&p.text), hit: p.hit }).collect()
}
