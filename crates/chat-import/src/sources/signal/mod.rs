//! Signal's plaintext export: `main.jsonl`, a frame of Signal's backup format per line, with the
//! files of messages beside it.

pub mod desktop;
mod frame;
mod message;
mod update;

use chat_archive::{
    ConversationId, ConversationKind, ImportSession, MediaReader, MessageKind, MissingReason,
    NewConversation, NewMessage, Participant, Source,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;

use self::frame::{Recipients, number};
use super::Format;
use crate::export_files::{Entry, ExportFiles, base_name, folder_of};
use crate::json::{self, each_line};
use crate::progress::Reporter;
use crate::{ConversationPreview, Detected, ImportError, ImportOptions, mime};

/// Signal's plaintext export.
pub struct SignalJson;

/// Bytes at the beginning in which the account and the first people stand.
const HEAD: u64 = 256 << 10;

impl super::ChatSource for SignalJson {
    fn format(&self) -> Format {
        Format {
            name: "signal_json",
            source: Source::Signal,
            words: "Signal plaintext export (main.jsonl)",
        }
    }

    fn takes_whole_folder(&self) -> bool {
        true
    }

    fn detect(
        &self,
        files: &ExportFiles,
        _options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError> {
        let Some(entry) = document(files)? else { return Ok(None) };
        let recipients = outline(files, &entry)?;
        let mut found = Detected::of(self.format());
        found.reasons.push(format!("{} has the frames of a Signal export", entry.path));
        for chat in recipients.chats() {
            let participants =
                recipients.people_of(chat).into_iter().take(6).map(|p| p.name).collect();
            let (title, messages) = (recipients.title_of(chat), recipients.messages_of(chat));
            found.conversations.push(ConversationPreview { title, messages, participants });
        }
        Ok(Some(found))
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let Some(entry) = document(files)? else { return Ok(()) };
        let recipients = outline(files, &entry)?;
        reporter.expect(entry.size);
        files.mark_chat_file(&entry.path);
        let folder = folder_of(&entry.path).to_owned();
        files.mark_chat_file(&format!("{folder}metadata.json"));
        let mut file = files.chat_file(&entry)?;
        let mut import = Import { recipients: &recipients, ids: BTreeMap::new() };
        let mut media = Media { files };
        each_line(&entry.path, file.reader()?, |line, at| {
            import.line(line, session, &mut media, reporter)?;
            reporter.message(at)
        })?;
        for id in import.ids.values() {
            session.finish_conversation(*id, &mut media)?;
        }
        reporter.file_done(entry.size);
        let taken = store_unclaimed(import.ids.values().next().copied(), files, session)?;
        session.count_export(&files.contents(taken));
        reporter.report()
    }

    fn read_again(&self, raw: &str) -> Option<NewMessage> {
        message::read(&json::parse(raw.as_bytes())?, &Recipients::default())
    }
}

/// Reads frames that are in memory; how many messages were understood.
///
/// # Errors
/// What reading them gives.
pub fn parse_bytes(bytes: &[u8]) -> Result<usize, ImportError> {
    let mut recipients = Recipients::default();
    let mut understood = 0;
    each_line("frames", bytes, |line, _| {
        if let Some(frame) = json::parse(line) {
            recipients.add(&frame);
            understood += usize::from(
                frame.get("chatItem").is_some_and(|i| message::read(i, &recipients).is_some()),
            );
        }
        Ok(())
    })?;
    Ok(understood)
}

/// The file of frames.
fn document(files: &ExportFiles) -> Result<Option<Entry>, ImportError> {
    for entry in files.with_ending("jsonl") {
        let mut head = Vec::new();
        let mut file = files.chat_file(&entry)?;
        if file.reader()?.take(HEAD).read_to_end(&mut head).is_err() {
            continue;
        }
        let has = |words: &[u8]| head.windows(words.len()).any(|w| w == words);
        if has(b"\"recipient\"")
            && (has(b"\"account\"") || has(b"\"chatItem\"") || has(b"\"self\""))
        {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

fn outline(files: &ExportFiles, entry: &Entry) -> Result<Recipients, ImportError> {
    let mut recipients = Recipients::default();
    let mut file = files.chat_file(entry)?;
    each_line(&entry.path, file.reader()?, |line, _| {
        if let Some(frame) = json::parse(line) {
            recipients.add(&frame);
        }
        Ok(())
    })?;
    Ok(recipients)
}

struct Import<'a> {
    recipients: &'a Recipients,
    ids: BTreeMap<u64, ConversationId>,
}

impl Import<'_> {
    fn line(
        &mut self,
        line: &[u8],
        session: &mut ImportSession<'_>,
        media: &mut Media<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let Some(frame) = json::parse(line) else {
            // Whose it is nobody knows: it goes with the first chat.
            let first = self.recipients.chats().first().copied().unwrap_or_default();
            let id = self.chat(first, session)?;
            return Ok(session.add_leftover(id, "line that is no JSON", line)?);
        };
        let Some(item) = frame.get("chatItem") else { return Ok(()) };
        let chat = item.get("chatId").and_then(number).unwrap_or_default();
        let id = self.chat(chat, session)?;
        reporter.conversation(&self.recipients.title_of(chat));
        match message::read(item, self.recipients) {
            Some(message) => {
                if message.details.raw.is_some() && message.kind == MessageKind::Text {
                    session.count_not_understood("field of a message");
                }
                session.add_message(id, message, media)?;
            }
            None => session.add_leftover(id, "message without a time", line)?,
        }
        Ok(())
    }

    fn chat(
        &mut self,
        chat: u64,
        session: &mut ImportSession<'_>,
    ) -> Result<ConversationId, ImportError> {
        if let Some(id) = self.ids.get(&chat) {
            return Ok(*id);
        }
        let people: Vec<Participant> = self.recipients.people_of(chat);
        let kind = if self.recipients.is_group(chat) {
            ConversationKind::Group
        } else {
            ConversationKind::Direct
        };
        let id = session.add_conversation(&NewConversation {
            source: Source::Signal,
            key: self.recipients.key_of(chat),
            title: self.recipients.title_of(chat),
            kind,
            participants: people,
            sample: Vec::new(),
        })?;
        self.ids.insert(chat, id);
        Ok(id)
    }
}

/// Files that no message names.
fn store_unclaimed(
    id: Option<ConversationId>,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
) -> Result<u64, ImportError> {
    let Some(id) = id else { return Ok(0) };
    let mut taken = 0;
    for entry in files.unclaimed() {
        let base = base_name(&entry.path);
        let Ok(mut file) = files.chat_file(&entry) else { continue };
        taken += 1;
        session.add_unclaimed_file(
            id,
            base,
            mime::of_name(base).as_deref(),
            &mut *file.reader()?,
        )?;
    }
    Ok(taken)
}

/// Files by what a message says of them, ` / ` between: their hash, their name.
struct Media<'a> {
    files: &'a mut ExportFiles,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let stem =
            |path: &str| base_name(path).split('.').next().unwrap_or_default().to_lowercase();
        for name in file.split(" / ") {
            let by_stem = |e: &&Entry| stem(&e.path) == name && name.len() >= 16;
            if let Some(path) = self.files.entries().iter().find(by_stem).map(|e| e.path.clone()) {
                return self.files.open_by_path(&path);
            }
        }
        let name = file.rsplit(" / ").next().unwrap_or_default();
        self.files.open_by_name(base_name(name), "")
    }
}

/// A field that is an object with something in it, or anything else but nothing.
fn field<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|v| !v.is_null())
}
