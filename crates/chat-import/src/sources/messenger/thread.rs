//! Threads of a download, and the files they are in.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::message::Form;
use super::text::{mended, text};
use crate::ImportError;
use crate::export_files::limits::MAX_JSON_MESSAGE;
use crate::export_files::{Entry, ExportFiles, base_name, folder_of};
use crate::json::{self, Cut, JsonStream, StreamError};

/// A thread.
pub(super) struct Thread {
    /// Its identity: the name of its folder.
    pub key: String,
    /// Its files, the oldest first.
    pub files: Vec<Entry>,
    /// Which download it is of.
    pub form: Form,
}

/// What a thread says about itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// Name to show.
    pub title: String,
    /// Everyone in it.
    pub people: Vec<String>,
}

/// Bytes of one file that are held while it is turned around: Meta puts ten thousand messages
/// into a file, of some 300 bytes each; a hundred times that.
const MAX_FILE: u64 = 300 << 20;

/// Called with each message, in order of time.
pub(super) type OnMessage<'a> = &'a mut dyn FnMut(Cut, Form) -> Result<(), ImportError>;

/// Threads of Messenger, or of Instagram.
pub(super) fn find(files: &ExportFiles, instagram: bool) -> Result<Vec<Thread>, ImportError> {
    let mut threads: BTreeMap<String, Thread> = BTreeMap::new();
    for entry in files.with_ending("json") {
        if number_of(&entry).is_none() {
            continue;
        }
        let folder = folder_of(&entry.path).trim_end_matches('/');
        if is_instagram(files, &entry) != instagram {
            continue;
        }
        let key = base_name(folder).to_lowercase();
        let thread = threads.entry(folder.to_owned()).or_insert_with(|| Thread {
            key,
            files: Vec::new(),
            form: Form::Download,
        });
        thread.files.push(entry);
    }
    let mut threads: Vec<Thread> = threads.into_values().collect();
    for thread in &mut threads {
        // message_1 has the newest messages.
        thread.files.sort_by_key(|e| std::cmp::Reverse(number_of(e)));
    }
    let mut recognised = Vec::new();
    for thread in threads {
        if is_thread(files, &thread.files[0])? {
            recognised.push(thread);
        }
    }
    Ok(recognised)
}

/// `message_12.json`
fn number_of(entry: &Entry) -> Option<u32> {
    base_name(&entry.path).strip_prefix("message_")?.strip_suffix(".json")?.parse().ok()
}

/// Whether a file lies in a download of Instagram.
pub(super) fn is_instagram(files: &ExportFiles, entry: &Entry) -> bool {
    let path = format!("{}/{}", files.path().display(), entry.path).to_lowercase();
    path.contains("instagram")
}

/// Whether a file has the fields of a thread.
fn is_thread(files: &ExportFiles, entry: &Entry) -> Result<bool, ImportError> {
    let mut has = [false; 2];
    let mut file = files.chat_file(entry)?;
    let Ok(mut stream) = JsonStream::new(file.reader()?) else { return Ok(false) };
    let walked: Result<(), StreamError> = stream.object(|stream, key| {
        has[0] |= key == "participants";
        has[1] |= key == "messages";
        stream.skip()
    });
    // Cut off, it is a thread all the same.
    Ok(has == [true, true] || (has[1] && matches!(walked, Err(StreamError::End))))
}

impl Thread {
    /// What the thread says about itself.
    pub(super) fn head(&self, files: &ExportFiles) -> Result<Head, ImportError> {
        let mut head = Head::default();
        for file in self.files.iter().rev() {
            read_file(files, file, &mut head, None)?;
            if !head.title.is_empty() {
                break;
            }
        }
        if head.title.is_empty() {
            head.title =
                if head.people.is_empty() { self.key.clone() } else { head.people.join(", ") };
        }
        Ok(head)
    }

    /// Hands over the messages, the oldest first. Which file, and which end of it, is the oldest
    /// differs between downloads: the times tell.
    pub(super) fn read(
        &self,
        files: &ExportFiles,
        on_message: OnMessage<'_>,
    ) -> Result<Head, ImportError> {
        let mut ordered = Vec::new();
        for file in &self.files {
            if file.size > MAX_FILE {
                return Err(ImportError::TooLarge {
                    file: file.path.clone(),
                    what: "a file of messages",
                    limit: MAX_FILE,
                });
            }
            let messages = messages_of(files, file)?;
            ordered.push((
                messages.first().and_then(time_of),
                messages.last().and_then(time_of),
                file,
            ));
        }
        ordered.sort_by_key(|(first, last, _)| (*first).min(*last));
        for (first, last, file) in ordered {
            let mut messages = messages_of(files, file)?;
            if first > last {
                messages.reverse();
            }
            for message in messages {
                on_message(message, self.form)?;
            }
        }
        self.head(files)
    }
}

fn messages_of(files: &ExportFiles, file: &Entry) -> Result<Vec<Cut>, ImportError> {
    let mut messages = Vec::new();
    read_file(files, file, &mut Head::default(), Some(&mut messages))?;
    Ok(messages)
}

fn time_of(cut: &Cut) -> Option<i64> {
    let value = (cut.bytes.len() <= MAX_JSON_MESSAGE).then(|| json::parse(&cut.bytes)).flatten()?;
    value.get("timestamp_ms").or_else(|| value.get("timestamp"))?.as_i64()
}

fn read_file(
    files: &ExportFiles,
    entry: &Entry,
    head: &mut Head,
    mut messages: Option<&mut Vec<Cut>>,
) -> Result<(), ImportError> {
    let mut file = files.chat_file(entry)?;
    let mut stream = match JsonStream::new(file.reader()?) {
        Ok(stream) => stream,
        Err(error) => return failed(entry, error),
    };
    let walked: Result<(), StreamError> =
        stream.object(|stream, key| match (key, messages.as_deref_mut()) {
            ("messages", Some(messages)) if stream.peek()? == Some(b'[') => {
                stream.array(|stream| {
                    let cut = stream.cut()?;
                    let is_cut_off = cut.is_cut_off;
                    messages.push(cut);
                    if is_cut_off { Err(StreamError::End) } else { Ok(()) }
                })
            }
            ("participants" | "title" | "threadName", _) => {
                let cut = stream.cut()?;
                if cut.bytes.len() <= MAX_JSON_MESSAGE
                    && let Some(value) = json::parse(&cut.bytes)
                {
                    head_field(key, &value, head);
                }
                Ok(())
            }
            _ => stream.skip(),
        });
    match walked {
        // What is good before a fault is read; the fault's own message is a leftover.
        Ok(()) | Err(StreamError::End | StreamError::NotJson { .. }) => Ok(()),
        Err(error) => failed(entry, error),
    }
}

fn failed(entry: &Entry, error: StreamError) -> Result<(), ImportError> {
    match error {
        StreamError::Io(source) => Err(ImportError::Io { name: entry.path.clone(), source }),
        StreamError::End | StreamError::NotJson { .. } => Ok(()),
    }
}

fn head_field(key: &str, value: &Value, head: &mut Head) {
    match key {
        "participants" => {
            let people = value.as_array().into_iter().flatten();
            head.people =
                people.filter_map(|p| p.as_str().map(mended).or_else(|| text(p, "name"))).collect();
        }
        "threadName" => {
            head.title = without_number(&mended(value.as_str().unwrap_or_default())).to_owned()
        }
        _ => head.title = mended(value.as_str().unwrap_or_default()),
    }
}

/// `Alice_12` is the twelfth thread, with Alice.
pub(super) fn without_number(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((title, number))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            title
        }
        _ => name,
    }
}

/// Whose download it is: the one who is in all threads; in a single one between two, the one whom
/// it is not called after.
pub(super) fn owner(heads: &[Head]) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in heads.iter().flat_map(|head| &head.people) {
        *counts.entry(name).or_default() += 1;
    }
    let everywhere: Vec<&&str> =
        counts.iter().filter(|(_, n)| **n == heads.len()).map(|(name, _)| name).collect();
    if let ([only], true) = (everywhere.as_slice(), heads.len() > 1) {
        return Some((**only).to_owned());
    }
    let not_title = |head: &Head| {
        let others: Vec<&String> = head.people.iter().filter(|name| **name != head.title).collect();
        let [other] = others.as_slice() else { return None };
        (head.people.len() == 2).then(|| (*other).clone())
    };
    heads.iter().find_map(not_title)
}
