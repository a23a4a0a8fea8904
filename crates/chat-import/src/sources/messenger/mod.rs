//! Meta's downloads as JSON: Messenger ("Download your information", and of end-to-end encrypted
//! chats) and Instagram.
//!
//! A thread lies in a folder of files `message_1.json`, `message_2.json`, …, the newest messages
//! first; an encrypted one in one file, the oldest first.

mod encrypted;
mod message;
pub mod pages;
mod text;
mod thread;

use std::io::Read;

use chat_archive::{
    ConversationKind, ImportSession, MediaReader, MissingReason, NewConversation, NewMessage,
    Participant, Source,
};

use self::thread::Thread;
use super::Format;
use crate::export_files::{ExportFiles, base_name};
use crate::progress::Reporter;
use crate::{ConversationPreview, Detected, ImportError, ImportOptions};

/// A form in which Meta gives chats away.
pub enum Meta {
    /// Messenger's download.
    MessengerJson,
    /// Messenger's download of end-to-end encrypted chats.
    MessengerEncrypted,
    /// Instagram's download.
    InstagramJson,
    /// Messenger's download for a browser.
    MessengerHtml,
    /// Instagram's download for a browser.
    InstagramHtml,
}

impl Meta {
    /// The threads of a download as JSON; `None` for pages.
    fn threads(&self, files: &ExportFiles) -> Option<Result<Vec<Thread>, ImportError>> {
        match self {
            Self::MessengerJson => Some(thread::find(files, false)),
            Self::InstagramJson => Some(thread::find(files, true)),
            Self::MessengerEncrypted => Some(encrypted::find(files)),
            Self::MessengerHtml | Self::InstagramHtml => None,
        }
    }
}

impl super::ChatSource for Meta {
    fn format(&self) -> Format {
        let (name, source, words) = match self {
            Self::MessengerJson => {
                ("messenger_json", Source::Messenger, "Facebook download with messages (JSON)")
            }
            Self::MessengerEncrypted => (
                "messenger_encrypted",
                Source::Messenger,
                "Messenger download of end-to-end encrypted chats",
            ),
            Self::InstagramJson => {
                ("instagram_json", Source::Instagram, "Instagram download with messages (JSON)")
            }
            Self::MessengerHtml => {
                ("messenger_html", Source::Messenger, "Facebook download with messages (HTML)")
            }
            Self::InstagramHtml => {
                ("instagram_html", Source::Instagram, "Instagram download with messages (HTML)")
            }
        };
        Format { name, source, words }
    }

    fn takes_whole_folder(&self) -> bool {
        true
    }

    fn detect(
        &self,
        files: &ExportFiles,
        _options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError> {
        match self.threads(files) {
            Some(threads) => detect(self.format(), files, threads?),
            None => pages::detect(self.format(), files),
        }
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let source = self.format().source;
        match self.threads(files) {
            Some(threads) => import(source, threads?, files, session, reporter),
            None => pages::import(source, files, session, reporter),
        }
    }
}

fn detect(
    format: Format,
    files: &ExportFiles,
    threads: Vec<Thread>,
) -> Result<Option<Detected>, ImportError> {
    let Some(first) = threads.first() else { return Ok(None) };
    let mut found = Detected::of(format);
    found.reasons.push(format!("{} has the fields of a {}", first.files[0].path, format.words));
    for thread in &threads {
        let mut messages = 0;
        let head = thread.read(files, &mut |_, _| {
            messages += 1;
            Ok(())
        })?;
        found.conversations.push(ConversationPreview {
            title: head.title,
            messages,
            participants: head.people,
        });
    }
    Ok(Some(found))
}

fn import(
    source: Source,
    threads: Vec<Thread>,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    reporter.expect(threads.iter().flat_map(|t| &t.files).map(|f| f.size).sum());
    let heads = threads.iter().map(|thread| thread.head(files)).collect::<Result<Vec<_>, _>>()?;
    let owner = thread::owner(&heads);
    for (thread, head) in threads.iter().zip(heads) {
        reporter.conversation(&head.title);
        let person = |name: &String| person(name, owner.as_deref());
        let id = session.add_conversation(&NewConversation {
            source,
            key: thread.key.clone(),
            title: head.title.clone(),
            kind: if head.people.len() > 2 {
                ConversationKind::Group
            } else {
                ConversationKind::Direct
            },
            participants: head.people.iter().map(person).collect(),
            sample: Vec::new(),
        })?;
        thread.files.iter().for_each(|file| files.mark_chat_file(&file.path));
        let mut messages: Vec<Result<NewMessage, (&'static str, Vec<u8>)>> = Vec::new();
        thread.read(files, &mut |element, form| {
            messages.push(message::read(element, form, owner.as_deref()));
            Ok(())
        })?;
        let mut media = Media { files };
        for message in messages {
            match message {
                Ok(message) => {
                    if message.details.raw.is_some() {
                        session.count_not_understood("field of a message");
                    }
                    session.add_message(id, message, &mut media)?;
                }
                Err((kind, raw)) => session.add_leftover(id, kind, &raw)?,
            }
            reporter.message(0)?;
        }
        session.finish_conversation(id, &mut media)?;
        reporter.file_done(thread.files.iter().map(|f| f.size).sum());
    }
    session.count_export(&files.contents(0));
    reporter.report()
}

/// Reads one message that is in memory, of a download or of an encrypted chat's; whether it was
/// understood.
pub fn parse_bytes(bytes: &[u8], is_encrypted: bool) -> bool {
    let form = if is_encrypted { message::Form::Encrypted } else { message::Form::Download };
    let cut = crate::json::Cut { bytes: bytes.to_vec(), is_cut_off: false };
    message::read(cut, form, None).is_ok()
}

/// Meta's downloads name people and give them no numbers.
fn person(name: &str, owner: Option<&str>) -> Participant {
    Participant::new(name.to_lowercase(), name).with_own(owner.map(|owner| owner == name))
}

/// Files by the end of their path: what stands before it differs between downloads.
struct Media<'a> {
    files: &'a mut ExportFiles,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        let wanted = file.trim_start_matches("./");
        let found = self
            .files
            .entries()
            .iter()
            .find(|e| e.path == wanted || e.path.ends_with(&format!("/{wanted}")));
        match found.map(|e| e.path.clone()) {
            Some(path) => self.files.open_by_path(&path),
            None => self.files.open_by_name(base_name(wanted), ""),
        }
    }
}
