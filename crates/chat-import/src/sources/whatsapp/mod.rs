//! WhatsApp's text export ("Export chat"), from Android and iPhone, in any language.
//!
//! A file is read twice: first `scan` works out the order of dates and the names of the people,
//! then `read` yields messages. Neither holds more than a message in memory.

mod authors;
mod body;
pub mod date_order;
mod header;
mod lines;
mod phrases;
mod read;
mod scan;
mod title;

use std::path::Path;

use chat_archive::{ConversationKind, ImportSession, NewConversation, NewMessage, Participant, Source};

use crate::export_files::{ChatFile, ExportFiles, Listed};
use crate::progress::{OnProgress, Reporter};
use crate::{ConversationPreview, Detected, ImportError, ImportOptions};

use self::scan::Scan;

/// The WhatsApp source.
pub struct WhatsApp;

impl super::ChatSource for WhatsApp {
    fn kind(&self) -> Source {
        Source::WhatsApp
    }

    fn detect(&self, path: &Path) -> Result<Option<Detected>, ImportError> {
        let files = ExportFiles::open(path)?;
        let chats = find_chats(&files)?;
        if chats.is_empty() {
            return Ok(None);
        }
        let mut found =
            Detected { kind: Source::WhatsApp, conversations: Vec::new(), reasons: Vec::new(), ambiguous_date: None };
        for mut chat in chats {
            let scan = scan::scan(&chat.listed.name, chat.file.reader()?)?;
            found.reasons.push(format!("{} holds lines like “{}”", chat.listed.name, scan.first_header));
            found.conversations.push(ConversationPreview {
                title: title::of(path, &chat.listed.name, &scan.authors),
                messages: scan.messages,
                participants: scan.authors.names(),
            });
            if let Err(ImportError::AmbiguousDates { sample, .. }) =
                scan.dates.decide(&chat.listed.name, None, ImportOptions::default().day_of_import())
            {
                found.ambiguous_date.get_or_insert(sample);
            }
        }
        Ok(Some(found))
    }

    fn import(
        &self,
        path: &Path,
        options: &ImportOptions,
        session: &mut ImportSession<'_>,
        on_progress: OnProgress<'_>,
    ) -> Result<(), ImportError> {
        let mut files = ExportFiles::open(path)?;
        let chats = find_chats(&files)?;
        if chats.is_empty() {
            return Err(super::not_recognised(path));
        }
        let mut reporter = Reporter::new(on_progress, chats.iter().map(|c| c.listed.size).sum());
        for mut chat in chats {
            import_chat(path, &mut chat, &mut files, options, session, &mut reporter)?;
        }
        reporter.report()
    }
}

/// Parses a chat held in memory, without files: for tests and fuzzing.
///
/// # Errors
/// As [`crate::import`]; never panics, whatever the bytes.
pub fn parse_bytes(bytes: &[u8], options: &ImportOptions) -> Result<(NewConversation, Vec<NewMessage>), ImportError> {
    let name = "chat.txt";
    let scan = scan::scan(name, bytes)?;
    let order = scan.dates.decide(name, options.date_order, options.day_of_import())?;
    let mut messages = Vec::new();
    read::read(name, bytes, &scan, order, &|_| false, &mut |message, _| {
        messages.push(message);
        Ok(())
    })?;
    Ok((conversation(Path::new(name), name, &scan), messages))
}

struct Chat {
    listed: Listed,
    file: ChatFile,
}

/// The chat texts of an export: `_chat.txt` if there is one, else every text that reads like a
/// chat; in a zip, attached texts are not mistaken for one if a name says "WhatsApp".
fn find_chats(files: &ExportFiles) -> Result<Vec<Chat>, ImportError> {
    let mut texts = files.listed("txt");
    let base = |l: &Listed| l.name.rsplit('/').next().unwrap_or_default().to_lowercase();
    if texts.iter().any(|l| base(l) == "_chat.txt") {
        texts.retain(|l| base(l) == "_chat.txt");
    } else if texts.iter().any(|l| base(l).contains("whatsapp")) {
        texts.retain(|l| base(l).contains("whatsapp"));
    }
    let mut chats = Vec::new();
    for listed in texts {
        let mut file = files.chat_file(&listed.name)?;
        if scan::looks_like_chat(&listed.name, file.reader()?)? {
            chats.push(Chat { listed, file });
        }
    }
    Ok(chats)
}

fn import_chat(
    path: &Path,
    chat: &mut Chat,
    files: &mut ExportFiles,
    options: &ImportOptions,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let name = chat.listed.name.clone();
    let scan = scan::scan(&name, chat.file.reader()?)?;
    let order = scan.dates.decide(&name, options.date_order, options.day_of_import())?;
    let conversation = conversation(path, &name, &scan);
    reporter.progress.conversation.clone_from(&conversation.title);
    let id = session.add_conversation(&conversation)?;
    let bytes_before = reporter.progress.bytes_done;
    let names = scan::NameSet::of(files);
    read::read(&name, chat.file.reader()?, &scan, order, &|file| names.has(file), &mut |message, bytes| {
        session.add_message(id, message, files)?;
        reporter.message(bytes_before + bytes)
    })?;
    session.finish_conversation(id, files)?;
    reporter.progress.bytes_done = bytes_before + chat.listed.size;
    Ok(())
}

fn conversation(path: &Path, name: &str, scan: &Scan) -> NewConversation {
    let people = scan.authors.names();
    let title = title::of(path, name, &scan.authors);
    NewConversation {
        source: Source::WhatsApp,
        key: title::key_of(&title),
        title,
        kind: if people.len() > 2 { ConversationKind::Group } else { ConversationKind::Direct },
        participants: people.into_iter().map(|name| Participant::new(title::key_of(&name), name)).collect(),
    }
}
