//! What an earlier version could not understand, read from the archive by one that can.

use std::collections::HashMap;

use chat_archive::{
    Archive, ConversationId, MessageId, MessageKind, NewConversation, NewMessage, NoMedia,
    NotUnderstood, Participant, Source,
};

use crate::{ImportError, sources};

/// Raised whenever an importer learns to read more of what is stored as it was.
pub const READERS: u32 = 2;

/// Messages looked at in one go: of a MiB each at most, and of some hundred bytes as a rule.
const AT_ONCE: usize = 200;

/// Reads again what was not understood; returns how many messages are understood now. Does nothing
/// if these importers have looked before. Safe to be interrupted: what is done is not done again.
///
/// # Errors
/// What the archive gives.
pub fn read_again(archive: &mut Archive) -> Result<u64, ImportError> {
    if archive.readers()? >= READERS {
        return Ok(0);
    }
    let mut understood = 0;
    let mut after = MessageId(0);
    loop {
        let found = archive.not_understood(after, AT_ONCE)?;
        let Some(last) = found.last().map(|message| message.id) else { break };
        after = last;
        let now: Vec<(NotUnderstood, NewMessage)> = found
            .into_iter()
            .filter_map(|known| read_one(&known).map(|message| (known, message)))
            .collect();
        understood += now.len() as u64;
        put(archive, now)?;
    }
    archive.set_readers(READERS)?;
    Ok(understood)
}

/// The message, if it is understood now. Without a number it could not be told from others.
fn read_one(known: &NotUnderstood) -> Option<NewMessage> {
    let raw = known.record.details.raw.as_deref()?;
    let number = known.record.source_id.as_ref()?;
    let may_have_read =
        |source: Source| source == known.conversation.source || source == Source::Other;
    let readers = sources::all().iter().filter(|source| may_have_read(source.format().source));
    readers
        .filter_map(|source| source.read_again(raw))
        .find_map(|message| same(message, known, number))
}

/// The message with what its raw form alone does not say, if it is that of the archive.
fn same(message: NewMessage, known: &NotUnderstood, number: &str) -> Option<NewMessage> {
    let has_number = message.source_id.as_deref().is_none_or(|read| read == number);
    let is_same = has_number
        && message.time.ms == known.record.time.ms
        && message.kind != MessageKind::Unknown;
    // The name stays as it is in the archive.
    let sender = message
        .sender
        .or_else(|| known.record.sender.as_ref().map(|key| Participant::new(key, "")));
    is_same.then(|| NewMessage { source_id: Some(number.to_owned()), sender, ..message })
}

fn put(
    archive: &mut Archive,
    messages: Vec<(NotUnderstood, NewMessage)>,
) -> Result<(), ImportError> {
    if messages.is_empty() {
        return Ok(());
    }
    let mut session = archive.begin_import()?;
    let mut ids: HashMap<String, ConversationId> = HashMap::new();
    for (known, message) in messages {
        let conversation = known.conversation;
        let name = format!("{} {}", conversation.source.as_str(), conversation.key);
        let id = match ids.get(&name) {
            Some(id) => *id,
            None => session.add_conversation(&NewConversation {
                source: conversation.source,
                key: conversation.key,
                title: conversation.title,
                kind: conversation.kind,
                participants: Vec::new(),
                sample: Vec::new(),
            })?,
        };
        ids.insert(name, id);
        // The file that it names is listed as missing, and comes with the next import of the
        // export.
        session.add_message(id, message, &mut NoMedia)?;
    }
    for id in ids.values() {
        session.finish_conversation(*id, &mut NoMedia)?;
    }
    session.commit()?;
    Ok(())
}
