//! The files of a message on a page.

use chat_archive::{MissingReason, NewAttachment};

use crate::html::Node;
use crate::mime;

/// Classes of media whose words say nothing that the file does not.
const FILES: &[&str] = &[
    "media_photo",
    "media_video",
    "media_voice_message",
    "media_audio_file",
    "media_file",
    "media_contact",
];

/// The files that a message links to, and those that it says were left out.
pub(super) fn attachments(content: &Node) -> Vec<NewAttachment> {
    let mut links = Vec::new();
    content.find_all(&|node| file_of(node).is_some() || is_left_out(node), &mut links);
    links.into_iter().map(attachment).collect()
}

/// Small pictures that stand for a file.
pub(super) fn pictures(node: &Node) -> impl Iterator<Item = String> {
    let mut all = Vec::new();
    node.find_all(&|node| node.name == "img", &mut all);
    let paths: Vec<String> =
        all.iter().filter_map(|img| img.attribute("src")).map(decoded).collect();
    paths.into_iter().filter(|path| !path.contains("://"))
}

/// What a media says in words: a poll, a place, a call, a contact; nothing for a plain file.
pub(super) fn words(wrap: &Node) -> String {
    if let Some(poll) = wrap.of_class("media_poll") {
        return poll_words(poll);
    }
    let Some(media) = wrap.find(&|node| node.is("media")) else { return String::new() };
    let is_plain = FILES.iter().any(|class| media.is(class)) && !media.is("media_contact");
    if is_plain {
        return String::new();
    }
    let parts = ["title", "description", "status"]
        .iter()
        .filter_map(|class| media.of_class(class).map(Node::text));
    let mut parts: Vec<String> = parts.filter(|words| !words.is_empty()).collect();
    let place =
        media.attribute("href").and_then(|href| href.split_once("maps?q=")?.1.split('&').next());
    if let Some(place) = place {
        // The same form as in the JSON export.
        parts.retain(|part| part.replace(", ", ",") != place && part != "Location");
        parts.insert(0, format!("geo:{place}"));
    }
    parts.join("\n")
}

fn poll_words(poll: &Node) -> String {
    let mut said = poll.of_class("question").map(Node::text).unwrap_or_default();
    for answer in poll.children().filter(|child| child.is("answer")) {
        let votes = answer.of_class("details").map(Node::text).unwrap_or_default();
        let whole = answer.text();
        let words =
            whole.strip_suffix(votes.as_str()).unwrap_or(&whole).trim().trim_start_matches("- ");
        let count: u32 = votes.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        said.push_str(&format!("\n• {words} ({count})"));
    }
    said
}

/// The path that a link to a file of the export has.
fn file_of(node: &Node) -> Option<String> {
    let is_media =
        node.name == "a" && (node.is("media") || ends_with_wrap(node) || node.is("userpic_link"));
    let href = node.attribute("href").filter(|_| is_media)?;
    (!href.is_empty() && !href.contains("://") && !href.starts_with('#')).then(|| decoded(href))
}

/// `photo_wrap`, `sticker_wrap`, `video_file_wrap`, `animated_wrap`
fn ends_with_wrap(node: &Node) -> bool {
    node.attribute("class")
        .is_some_and(|all| all.split_ascii_whitespace().any(|class| class.ends_with("_wrap")))
}

/// A file that "data exporting settings" left out: a box without a link.
fn is_left_out(node: &Node) -> bool {
    node.name == "div"
        && node.is("media")
        && FILES.iter().any(|class| node.is(class))
        && !node.is("media_contact")
}

fn attachment(node: &Node) -> NewAttachment {
    let title = node.of_class("title").map(Node::text).filter(|_| node.is("media_file"));
    match file_of(node) {
        Some(path) => {
            let base = path.rsplit('/').next().unwrap_or(&path).to_owned();
            let name = title.filter(|title| title.contains('.')).unwrap_or(base);
            let is_card = node.is("media_contact");
            let mime = if is_card { Some("text/vcard".into()) } else { mime::of_name(&path) };
            NewAttachment { mime, name: Some(name), file: Ok(path) }
        }
        None => {
            let name = title.filter(|title| title != "File");
            let mime = name.as_deref().and_then(mime::of_name).or_else(|| mime_of_class(node));
            NewAttachment { name, mime, file: Err(MissingReason::NotExported) }
        }
    }
}

fn mime_of_class(node: &Node) -> Option<String> {
    let known = [
        ("media_photo", "image/jpeg"),
        ("media_video", "video/mp4"),
        ("media_voice_message", "audio/ogg"),
    ];
    known.iter().find(|(class, _)| node.is(class)).map(|(_, mime)| (*mime).to_owned())
}

/// Percent signs of an address (RFC 3986, 2.1).
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|_| *first == b'%').and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}
