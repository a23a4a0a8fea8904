//! What a message says besides words: a file, a file left out, edited, taken back.

use chat_archive::{MissingReason, NewAttachment};

use super::header::is_mark;
use super::phrases;
use crate::mime;

/// A text, understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The words that remain.
    pub text: String,
    /// At most one file: WhatsApp sends each in a message of its own.
    pub attachment: Option<NewAttachment>,
    /// Changed after it was sent.
    pub edited: bool,
    /// Taken back.
    pub unsent: bool,
}

/// Longest text that is looked at for "this message was deleted" and the like.
const MAX_PHRASE: usize = 200;

/// Reads the whole text of a message. `has` tells whether the export holds a file.
pub fn read(text: &str, has: &dyn Fn(&str) -> bool) -> Body {
    let mut body = Body::default();
    let text = match without_edit_note(text) {
        Some(rest) => {
            body.edited = true;
            rest
        }
        None => text,
    };
    if text.len() <= MAX_PHRASE && phrases::means_deleted(text) {
        body.unsent = true;
        return body;
    }
    let found = attached_android(text, has).or_else(|| attached_iphone(text, has)).or_else(|| omitted(text));
    match found {
        Some((attachment, caption)) => {
            body.text = caption;
            body.attachment = Some(attachment);
        }
        None => body.text = text.trim_start_matches(is_mark).to_owned(),
    }
    body
}

/// `… <This message was edited>`
fn without_edit_note(text: &str) -> Option<&str> {
    let end = text.trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()).strip_suffix('>')?;
    let start = end.rfind('<')?;
    let inner = &end[start + 1..];
    let is_note = inner.len() <= MAX_PHRASE && phrases::means_edited(inner);
    is_note.then(|| text[..start].trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()))
}

/// `IMG-1.jpg (file attached)`, then perhaps a caption on further lines. In an unknown language
/// the file itself is the proof.
fn attached_android(text: &str, has: &dyn Fn(&str) -> bool) -> Option<(NewAttachment, String)> {
    let (line, caption) = text.split_once('\n').unwrap_or((text, ""));
    let line = trimmed(line);
    let (name, phrase) = line.strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    let name = trimmed(name);
    let known = looks_like_file(name) && phrases::means_file_attached(phrase);
    (known || has(name)).then(|| (file(name), without_name(caption, name)))
}

/// `caption <attached: 0001-PHOTO.jpg>`
fn attached_iphone(text: &str, has: &dyn Fn(&str) -> bool) -> Option<(NewAttachment, String)> {
    let end = trimmed(text).strip_suffix('>')?;
    let (before, inner) = end.rsplit_once('<')?;
    let (label, name) = inner.split_once([':', '：'])?;
    let name = trimmed(name);
    let marked = before.ends_with(is_mark);
    let known = looks_like_file(name) && (marked || phrases::means_attached(label));
    (known || has(name)).then(|| (file(name), without_name(trimmed(before), name)))
}

/// `<Media omitted>`, or after a mark `image omitted`; the words are the caption.
fn omitted(text: &str) -> Option<(NewAttachment, String)> {
    let (line, caption) = text.split_once('\n').unwrap_or((text, ""));
    if line.len() <= MAX_PHRASE && phrases::means_omitted(line) {
        return Some((left_out(None), caption.trim().to_owned()));
    }
    let last_mark = text.char_indices().rev().find(|(_, c)| is_mark(*c));
    let (at, mark) = last_mark?;
    let words = &text[at + mark.len_utf8()..];
    if words.len() > MAX_PHRASE || !phrases::means_sort_omitted(words) {
        return None;
    }
    let before = trimmed(&text[..at]);
    // "report.pdf • 3 pages document omitted"
    let name = before.split(" • ").next().map(trimmed).filter(|n| looks_like_file(n) && !n.contains('\n'));
    match name {
        Some(name) => Some((left_out(Some(name)), String::new())),
        None => Some((left_out(None), before.to_owned())),
    }
}

fn file(name: &str) -> NewAttachment {
    NewAttachment { name: Some(name.to_owned()), mime: mime::of_name(name), file: Ok(name.to_owned()) }
}

fn left_out(name: Option<&str>) -> NewAttachment {
    NewAttachment {
        name: name.map(str::to_owned),
        mime: name.and_then(mime::of_name),
        file: Err(MissingReason::NotExported),
    }
}

/// Android repeats a document's name as its caption.
fn without_name(caption: &str, name: &str) -> String {
    let caption = caption.trim();
    if caption == name { String::new() } else { caption.to_owned() }
}

fn looks_like_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    name.len() <= 255
        && ending.is_some_and(|e| (1..=8).contains(&e.len()) && e.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_mark(c))
}
