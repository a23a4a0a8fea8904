//! A message of a page: a box with three parts, who, what and when. Meta's names of classes say
//! nothing and change; the parts stay.

use chat_archive::{Details, NewAttachment, NewMessage, Reaction, Sort, Timestamp};

use super::date;
use crate::export_files::base_name;
use crate::html::Node;
use crate::mime;
use crate::sources::messenger::person;
use crate::sources::messenger::text::mended;

/// Classes of the box, of downloads since 2018 and since 2021.
const BOXES: &[&str] = &["uiBoxWhite", "_a6-g"];

/// Whether an element is the box of a message.
pub(super) fn is_message(node: &Node) -> bool {
    node.name == "div" && BOXES.iter().any(|class| node.is(class))
}

struct Parts<'a> {
    name: Option<&'a Node>,
    content: Option<&'a Node>,
    time: Timestamp,
}

/// The last part is the time; a message of the messenger itself may have no name.
fn parts(node: &Node) -> Option<Parts<'_>> {
    let all: Vec<&Node> =
        node.children().filter(|child| child.name == "div" || child.name == "h2").collect();
    let (last, others) = all.split_last()?;
    let time = date::read(&last.text())?;
    let (name, content) = match others {
        [name, content, ..] => (Some(*name), Some(*content)),
        [content] => (None, Some(*content)),
        [] => (None, None),
    };
    Some(Parts { name, content, time })
}

/// Who wrote a message.
pub(super) fn name_of(node: &Node) -> Option<String> {
    let name = parts(node)?.name?.text();
    Some(mended(&name)).filter(|name| !name.is_empty())
}

/// When.
pub(super) fn time_of(node: &Node) -> Option<Timestamp> {
    Some(parts(node)?.time)
}

/// Reads a message; `None` if it has no time that is understood.
pub(super) fn read(node: &Node, owner: Option<&str>) -> Option<NewMessage> {
    let Parts { content, time, .. } = parts(node)?;
    let attachments = content.map(attachments).unwrap_or_default();
    let text = content.map(|content| words(content, &attachments)).unwrap_or_default();
    let is_call = text.lines().any(|line| line.starts_with("Duration: ")) && attachments.is_empty();
    Some(NewMessage {
        sender: name_of(node).map(|name| person(&name, owner)),
        time,
        text,
        reactions: content.map(reactions).unwrap_or_default(),
        attachments,
        details: Details { sort: is_call.then_some(Sort::Call), ..Details::default() },
        ..NewMessage::default()
    })
}

/// What is said, without the reactions below it and the links that stand for files.
fn words(content: &Node, attachments: &[NewAttachment]) -> String {
    let mut blocks = Vec::new();
    collect_blocks(content, &mut blocks);
    let is_file = |words: &str| {
        attachments.iter().any(|a| a.file.as_deref().is_ok_and(|path| words.contains(path)))
    };
    let said: Vec<String> =
        blocks.into_iter().map(|words| mended(&words)).filter(|w| !is_file(w)).collect();
    said.join("\n")
}

/// The innermost boxes, each a line of its own.
fn collect_blocks(node: &Node, blocks: &mut Vec<String>) {
    let inner: Vec<&Node> = node.children().filter(|child| child.name == "div").collect();
    if inner.is_empty() {
        if !node.children().any(|child| child.name == "ul") {
            blocks.extend(Some(node.text()).filter(|words| !words.is_empty()));
        }
        return;
    }
    for child in node.children().filter(|child| child.name != "ul") {
        collect_blocks(child, blocks);
    }
}

/// `<li>❤Ada</li>`: the sign, then the name.
fn reactions(content: &Node) -> Vec<Reaction> {
    let mut items = Vec::new();
    content.find_all(&|node| node.name == "li", &mut items);
    let one = |item: &Node| {
        let whole = mended(&item.text());
        let at = whole.find(|c: char| c.is_alphanumeric())?;
        let (sign, name) = whole.split_at(at);
        let emoji = sign.trim().to_owned();
        (!emoji.is_empty()).then(|| Reaction {
            emoji,
            actor: Some(name.trim().to_owned()),
            count: 1,
        })
    };
    items.into_iter().filter_map(one).collect()
}

/// Pictures, films and recordings that are part of the download, each once.
fn attachments(content: &Node) -> Vec<NewAttachment> {
    let mut found = Vec::new();
    let is_file = |node: &Node| path_of(node).is_some();
    content.find_all(&is_file, &mut found);
    let mut all: Vec<NewAttachment> = Vec::new();
    for path in found.into_iter().filter_map(path_of) {
        let name = base_name(path).to_owned();
        let file = Ok(path.to_owned());
        if !all.iter().any(|known| known.file == file) {
            all.push(NewAttachment { mime: mime::of_name(&name), name: Some(name), file });
        }
    }
    all
}

/// The path of a file of the download that an element shows.
fn path_of(node: &Node) -> Option<&str> {
    let path = match node.name.as_str() {
        "img" | "video" | "audio" | "source" => node.attribute("src")?,
        "a" => node.attribute("href")?,
        _ => return None,
    };
    let is_inside = !path.contains("://") && !path.starts_with(['#', '/']) && path.contains('/');
    (is_inside && mime::of_name(path).is_some()).then_some(path)
}
