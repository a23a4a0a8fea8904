//! What a message says besides words: a file, a file left out, a place, a call, edited, taken back.

mod files;

use chat_archive::{NewAttachment, Sort};

pub(super) use self::files::is_name_of_whatsapp;
use self::files::{attached_android, attached_in_angles, omitted};
use super::marks::{is_mark, trimmed};
use super::phrases::{self, TakenBack};

/// A text, understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// The words that remain.
    pub text: String,
    /// What it is about, where it is no plain text or file.
    pub sort: Option<Sort>,
    /// At most one file: WhatsApp sends each in a message of its own.
    pub attachment: Option<NewAttachment>,
    /// Changed after it was sent.
    pub edited: bool,
    /// Taken back.
    pub unsent: bool,
    /// Sent on, by an author that WhatsApp does not name.
    pub forwarded: bool,
    /// The export's own words, where others are shown instead.
    pub raw: Option<String>,
}

/// Longest text that is looked at for "this message was deleted" and the like.
const MAX_PHRASE: usize = 200;

/// What Android writes for some calls and for pictures that could be seen once.
const ANDROID_NULL: &str = "null";

/// What is shown for it.
const SOMETHING: &str = "(a call, or something that could be seen once)";

/// Reads the whole text of a message. `has` tells whether the export holds a file.
pub(super) fn read(text: &str, has: &dyn Fn(&str) -> bool) -> Body {
    let mut body = Body::default();
    let text = match without_edit_note(text) {
        Some(rest) => {
            body.edited = true;
            rest
        }
        None => text,
    };
    if text.len() <= MAX_PHRASE && phrases::means_taken_back(text).is_some() {
        body.unsent = true;
        body.raw = Some(trimmed(text).to_owned());
        return body;
    }
    let found = attached_android(text, has)
        .or_else(|| attached_in_angles(text, has))
        .or_else(|| omitted(text));
    if let Some((attachment, caption)) = found {
        body.text = caption;
        body.attachment = Some(attachment);
        return body;
    }
    read_words(text, &mut body);
    body
}

fn read_words(text: &str, body: &mut Body) {
    let words = text.trim_start_matches(is_mark);
    if words == ANDROID_NULL {
        body.sort = Some(Sort::Call);
        body.raw = Some(ANDROID_NULL.to_owned());
        SOMETHING.clone_into(&mut body.text);
        return;
    }
    let words = match words.strip_prefix("[Forwarded] ") {
        Some(rest) => {
            body.forwarded = true;
            rest
        }
        None => words,
    };
    body.sort = sort_of(words);
    body.text = match body.sort {
        // `Video call, 12 min`, with a mark before each part.
        Some(Sort::Call) => words.chars().filter(|c| !is_mark(*c)).collect(),
        _ => words.to_owned(),
    };
}

fn sort_of(words: &str) -> Option<Sort> {
    let first = words.lines().next().unwrap_or_default();
    if is_place(first) || (first.len() <= MAX_PHRASE && phrases::means_live_location(first)) {
        return Some(Sort::Location);
    }
    if is_poll(words) {
        return Some(Sort::Poll);
    }
    (words.len() <= MAX_PHRASE && phrases::means_call(words)).then_some(Sort::Call)
}

/// `Location: https://maps.google.com/?q=50.1,6.2`, in any language.
fn is_place(line: &str) -> bool {
    let Some((label, address)) = line.split_once(": ") else { return false };
    let maps =
        ["https://maps.google.com/?q=", "https://www.google.com/maps", "https://foursquare.com/v/"];
    label.chars().count() <= 24 && maps.iter().any(|start| trimmed(address).starts_with(start))
}

/// `POLL:` with `OPTION:` lines (iPhone), `Poll: When?` with dashes (WhatsApp Web).
fn is_poll(words: &str) -> bool {
    let mut lines = words.lines();
    let first = trimmed(lines.next().unwrap_or_default());
    let second = lines.next().unwrap_or_default();
    let rest = || words.lines().skip(1);
    (first.ends_with(':') && rest().any(|l| trimmed(l).starts_with("OPTION:")))
        || (first.starts_with("Poll: ") && second.starts_with("    - "))
}

/// Whether a text is what WhatsApp itself says under a name on an iPhone: marked, and nothing that
/// a person sends.
pub(super) fn is_of_whatsapp(text: &str) -> bool {
    if !text.starts_with(is_mark) {
        return false;
    }
    let body = read(text, &|_| false);
    let is_message = body.attachment.is_some()
        || body.unsent
        || body.edited
        || body.sort.is_some()
        || body.text.contains('\n')
        || body.text.contains("://")
        || names_a_file_of_whatsapp(text);
    !is_message
}

/// Whether the owner of the phone took this message back.
pub(super) fn is_taken_back_by_owner(text: &str) -> bool {
    text.len() <= MAX_PHRASE && phrases::means_taken_back(text) == Some(TakenBack::ByOwner)
}

/// `… <This message was edited>`
fn without_edit_note(text: &str) -> Option<&str> {
    let end = text.trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()).strip_suffix('>')?;
    let start = end.rfind('<')?;
    let inner = &end[start + 1..];
    let is_note = inner.len() <= MAX_PHRASE && phrases::means_edited(inner);
    is_note.then(|| text[..start].trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()))
}

fn names_a_file_of_whatsapp(text: &str) -> bool {
    text.split([' ', '<', '>', ':', '\u{200e}']).any(is_name_of_whatsapp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(text: &str) -> Option<(Option<String>, bool, String)> {
        let body = read(text, &|_| false);
        body.attachment.map(|a| (a.name, a.file.is_ok(), body.text))
    }

    fn named(name: &str, caption: &str) -> Option<(Option<String>, bool, String)> {
        Some((Some(name.into()), true, caption.into()))
    }

    #[test]
    fn attachments_in_many_forms() {
        assert_eq!(attachment("a.jpg (soubor byl přiložen)"), named("a.jpg", ""));
        assert_eq!(attachment("a (1).jpg (file attached)\nlook"), named("a (1).jpg", "look"));
        assert_eq!(
            attachment("photo.jpg (file attached) look here"),
            named("photo.jpg", "look here")
        );
        assert_eq!(
            attachment("IMG-20240309-WA0001.jpg (xyzzy)"),
            named("IMG-20240309-WA0001.jpg", "")
        );
        assert_eq!(
            attachment("\u{200e}<00000012-PHOTO-2024-03-29-15-05-01.jpg eklendi>"),
            named("00000012-PHOTO-2024-03-29-15-05-01.jpg", "")
        );
        assert_eq!(attachment("فایل پیوست شد a.jpg"), named("a.jpg", ""));
        assert_eq!(attachment("a.jpg இணைக்கப்பட்டது"), named("a.jpg", ""));
        assert_eq!(attachment("see a.jpg (no comment)"), None);
    }

    #[test]
    fn omissions_in_many_forms() {
        for text in
            ["<Média vynechány>", "<image omitted>", "\u{200e}Image omitted", "< Média vynechána >"]
        {
            assert_eq!(attachment(text), Some((None, false, String::new())), "{text}");
        }
        assert_eq!(
            attachment("<image omitted> a caption"),
            Some((None, false, "a caption".into()))
        );
        let document = attachment("report.pdf • \u{200e}3 pages \u{200e}document omitted");
        assert_eq!(document, Some((Some("report.pdf".into()), false, String::new())));
    }

    #[test]
    fn what_whatsapp_says_is_told_from_what_a_person_sends() {
        assert!(is_of_whatsapp("\u{200e}Messages and calls are end-to-end encrypted."));
        for text in [
            "\u{200e}image omitted",
            "\u{200e}Missed voice call",
            "\u{200e}<xyz: 00000011-PHOTO-2024-03-29-15-01-00.jpg>",
            "hi",
        ] {
            assert!(!is_of_whatsapp(text), "{text}");
        }
    }
}
