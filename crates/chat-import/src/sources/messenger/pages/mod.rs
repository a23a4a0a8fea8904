//! Meta's downloads as HTML: Messenger and Instagram. A thread lies in a folder of pages
//! `message_1.html`, `message_2.html`, …, the newest messages first.

mod date;
mod message;

use std::collections::BTreeMap;
use std::io;

use chat_archive::{ConversationKind, ImportSession, NewConversation, NewMessage, Source};

use super::thread::{Head, owner};
use super::{Media, person};
use crate::export_files::{Entry, ExportFiles, base_name, folder_of};
use crate::html::{self, Found, Node};
use crate::progress::Reporter;
use crate::sources::Format;
use crate::{ConversationPreview, Detected, ImportError};

/// One page, whose messages are turned around in memory: ten thousand messages of a thousand bytes
/// with their frames; six times that.
const MAX_PAGE: u64 = 64 << 20;

/// Reads a page held in memory: for tests and fuzzing. The oldest message first.
///
/// # Errors
/// As [`crate::import`]; never panics, whatever the bytes.
pub fn parse_bytes(bytes: &[u8]) -> Result<Vec<NewMessage>, ImportError> {
    let page = read("message_1.html", bytes)?;
    Ok(page.messages.iter().filter_map(|node| message::read(node, None)).collect())
}

/// A thread: the pages of a folder, the oldest first.
struct Thread {
    key: String,
    pages: Vec<Entry>,
}

/// A page's messages, the oldest first, and what it says about the thread.
#[derive(Default)]
struct Page {
    title: String,
    messages: Vec<Node>,
    too_large: Vec<String>,
}

fn threads(files: &ExportFiles, source: Source) -> Vec<Thread> {
    let mut folders: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in files.pages_of_one() {
        let is_json_too =
            files.entry(&format!("{}message_1.json", folder_of(&entry.path))).is_some();
        let is_instagram = super::thread::is_instagram(files, &entry);
        if number_of(&entry).is_some()
            && !is_json_too
            && is_instagram == (source == Source::Instagram)
        {
            folders.entry(folder_of(&entry.path).to_owned()).or_default().push(entry);
        }
    }
    let thread = |(folder, mut pages): (String, Vec<Entry>)| {
        pages.sort_by_key(|page| std::cmp::Reverse(number_of(page)));
        let key = format!("page:{}", base_name(folder.trim_end_matches('/')).to_lowercase());
        Thread { key, pages }
    };
    folders.into_iter().map(thread).collect()
}

/// `message_12.html`
fn number_of(entry: &Entry) -> Option<u32> {
    base_name(&entry.path).strip_prefix("message_")?.strip_suffix(".html")?.parse().ok()
}

fn read_entry(files: &ExportFiles, entry: &Entry) -> Result<Page, ImportError> {
    if entry.size > MAX_PAGE {
        return Err(ImportError::TooLarge {
            file: entry.path.clone(),
            what: "a page",
            limit: MAX_PAGE,
        });
    }
    read(&entry.path, files.chat_file(entry)?.reader()?)
}

fn read(file: &str, reader: impl io::Read) -> Result<Page, ImportError> {
    let mut page = Page::default();
    let wanted = |node: &Node| node.name == "title" || message::is_message(node);
    html::each(reader, wanted, |found| {
        match found {
            Found::Whole(node) if node.name == "title" => page.title = node.text(),
            Found::Whole(node) => page.messages.push(node),
            Found::TooLarge(words) => page.too_large.push(words),
        }
        Ok::<_, io::Error>(())
    })
    .map_err(ImportError::io(file))?;
    let time = |node: Option<&Node>| node.and_then(message::time_of).map(|time| time.ms);
    if time(page.messages.first()) > time(page.messages.last()) {
        page.messages.reverse();
    }
    Ok(page)
}

/// What the pages say about a thread; `None` if they are no thread.
fn head(thread: &Thread, files: &ExportFiles) -> Result<Option<(Head, u64)>, ImportError> {
    let mut head = Head::default();
    let mut messages = 0;
    for entry in &thread.pages {
        let page = read_entry(files, entry)?;
        messages += page.messages.len() as u64;
        head.title = page.title;
        for name in page.messages.iter().filter_map(message::name_of) {
            if head.people.len() < MAX_PEOPLE && !head.people.contains(&name) {
                head.people.push(name);
            }
        }
    }
    if head.title.is_empty() {
        head.title = head.people.join(", ");
    }
    Ok((messages > 0).then_some((head, messages)))
}

/// People who are listed of a thread; more come with their messages.
const MAX_PEOPLE: usize = 250;

/// What threads there are; `None` if there are none.
pub fn detect(format: Format, files: &ExportFiles) -> Result<Option<Detected>, ImportError> {
    let mut found = Detected::of(format);
    for thread in threads(files, format.source) {
        let Some((head, messages)) = head(&thread, files)? else { continue };
        if found.reasons.is_empty() {
            found.reasons.push(format!("{} is a page of a {}", thread.pages[0].path, format.words));
        }
        found.conversations.push(ConversationPreview {
            title: head.title,
            messages,
            participants: head.people,
        });
    }
    Ok((!found.reasons.is_empty()).then_some(found))
}

/// Adds all threads to the session.
pub fn import(
    source: Source,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let mut found = Vec::new();
    for thread in threads(files, source) {
        if let Some((head, _)) = head(&thread, files)? {
            found.push((thread, head));
        }
    }
    reporter.expect(found.iter().flat_map(|(thread, _)| &thread.pages).map(|page| page.size).sum());
    let heads: Vec<Head> = found.iter().map(|(_, head)| head.clone()).collect();
    let owner = owner(&heads);
    for (thread, head) in found {
        import_thread(source, &thread, &head, owner.as_deref(), files, session, reporter)?;
    }
    session.count_export(&files.contents(0));
    reporter.report()
}

fn import_thread(
    source: Source,
    thread: &Thread,
    head: &Head,
    owner: Option<&str>,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    reporter.conversation(&head.title);
    let id = session.add_conversation(&NewConversation {
        source,
        key: thread.key.clone(),
        title: head.title.clone(),
        kind: if head.people.len() > 2 {
            ConversationKind::Group
        } else {
            ConversationKind::Direct
        },
        participants: head.people.iter().map(|name| person(name, owner)).collect(),
        sample: Vec::new(),
    })?;
    for entry in &thread.pages {
        files.mark_chat_file(&entry.path);
        let page = read_entry(files, entry)?;
        for words in &page.too_large {
            session.add_leftover(id, "message of more than 1 MiB", words.as_bytes())?;
        }
        let mut media = Media { files };
        for node in &page.messages {
            match message::read(node, owner) {
                Some(message) => session.add_message(id, message, &mut media)?,
                None => {
                    session.add_leftover(id, "message without a time", node.text().as_bytes())?
                }
            }
            reporter.message(0)?;
        }
        reporter.file_done(entry.size);
    }
    Ok(session.finish_conversation(id, &mut Media { files })?)
}
