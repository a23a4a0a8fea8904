//! A file that a text names, or says that it was left out.

use chat_archive::{MissingReason, NewAttachment};

use super::super::marks::{is_mark, trimmed};
use super::super::phrases;
use super::MAX_PHRASE;
use crate::mime;

/// `IMG-1.jpg (file attached)`, then perhaps a caption on further lines, or behind it (WhatsApp
/// Web). In an unknown language the file itself, or its name, is the proof.
pub(super) fn attached_android(
    text: &str,
    has: &dyn Fn(&str) -> bool,
) -> Option<(NewAttachment, String)> {
    let (line, below) = text.split_once('\n').unwrap_or((text, ""));
    let line = trimmed(line);
    let (name, phrase, behind) = in_parentheses(line).or_else(|| without_parentheses(line))?;
    let known =
        looks_like_file(name) && (phrases::means_attached(phrase) || is_name_of_whatsapp(name));
    if !(known || has(name)) {
        return None;
    }
    let caption = [behind, below]
        .iter()
        .map(|c| c.trim())
        .filter(|c| !c.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    Some((file(name), without_name(&caption, name)))
}

/// `name (phrase) caption`
fn in_parentheses(line: &str) -> Option<(&str, &str, &str)> {
    let mut found = None;
    // A file's name may hold parentheses of its own: the first that hold a phrase count, else the
    // last.
    for (open, _) in line.match_indices(['(', '（']) {
        let inner = line[open..].trim_start_matches(['(', '（']);
        let at = line.len() - inner.len();
        let Some(end) = inner.find([')', '）']) else { continue };
        let after = inner[end..].trim_start_matches([')', '）']);
        let parts = (trimmed(&line[..open]), &line[at..at + end], after);
        if phrases::means_attached(parts.1) {
            return Some(parts);
        }
        if after.is_empty() {
            found = Some(parts);
        }
    }
    found
}

/// Persian puts the phrase before the name, Tamil after it, both without parentheses.
fn without_parentheses(line: &str) -> Option<(&str, &str, &str)> {
    let (before, name) = line.rsplit_once(' ')?;
    if looks_like_file(name) && phrases::means_attached(before) {
        return Some((name, before, ""));
    }
    let (name, after) = line.split_once(' ')?;
    (looks_like_file(name) && phrases::means_attached(after)).then_some((name, after, ""))
}

/// `caption <attached: 0001-PHOTO.jpg>`, or `<0001-PHOTO.jpg eklendi>`.
pub(super) fn attached_in_angles(
    text: &str,
    has: &dyn Fn(&str) -> bool,
) -> Option<(NewAttachment, String)> {
    let end = trimmed(text).strip_suffix('>')?;
    let (before, inner) = end.rsplit_once('<')?;
    let marked = before.is_empty() || before.ends_with(is_mark);
    let (label, name) = match inner.split_once([':', '：']) {
        Some((label, name)) => (label, trimmed(name)),
        None => {
            let (name, label) = inner.rsplit_once(' ')?;
            (label, trimmed(name))
        }
    };
    let known = looks_like_file(name)
        && (marked || phrases::means_attached(label) || is_name_of_whatsapp(name));
    (known || has(name)).then(|| (file(name), without_name(trimmed(before), name)))
}

/// `<Media omitted>`, or after a mark `image omitted`; the words are the caption.
pub(super) fn omitted(text: &str) -> Option<(NewAttachment, String)> {
    let (line, below) = text.split_once('\n').unwrap_or((text, ""));
    if let Some((inner, behind)) =
        trimmed(line).strip_prefix('<').and_then(|rest| rest.split_once('>'))
        && inner.len() <= MAX_PHRASE
        && phrases::means_omitted(inner)
    {
        let caption = [behind, below]
            .iter()
            .map(|c| c.trim())
            .filter(|c| !c.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        // Android names a document on the next line.
        let name = Some(caption.as_str()).filter(|c| looks_like_file(c) && !c.contains('\n'));
        return Some(match name {
            Some(name) => (left_out(Some(name)), String::new()),
            None => (left_out(None), caption),
        });
    }
    let (at, mark) = text.char_indices().rev().find(|(_, c)| is_mark(*c))?;
    let words = &text[at + mark.len_utf8()..];
    if words.len() > MAX_PHRASE || !phrases::means_omitted(words) {
        return None;
    }
    let before = trimmed(&text[..at]);
    // "report.pdf • 3 pages document omitted"
    let name =
        before.split(" • ").next().map(trimmed).filter(|n| looks_like_file(n) && !n.contains('\n'));
    match name {
        Some(name) => Some((left_out(Some(name)), String::new())),
        None => Some((left_out(None), before.to_owned())),
    }
}

fn file(name: &str) -> NewAttachment {
    NewAttachment {
        name: Some(name.to_owned()),
        mime: mime::of_name(name),
        file: Ok(name.to_owned()),
    }
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
        && ending.is_some_and(|e| {
            (1..=8).contains(&e.len()) && e.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

/// `IMG-20240309-WA0001.jpg`, `00000012-PHOTO-2024-03-09-10-05-07.jpg`.
pub(crate) fn is_name_of_whatsapp(name: &str) -> bool {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default();
    let digits =
        |part: &str, n: usize| part.len() >= n && part.bytes().take(n).all(|b| b.is_ascii_digit());
    let android = ["IMG", "VID", "AUD", "PTT", "STK", "DOC", "GIF"].contains(&first)
        && parts.clone().next().is_some_and(|p| digits(p, 8))
        && name.contains("-WA");
    let iphone = digits(first, 8)
        && first.len() == 8
        && parts.next().is_some_and(|p| p.chars().all(|c| c.is_ascii_uppercase()));
    (android || iphone) && looks_like_file(name)
}
