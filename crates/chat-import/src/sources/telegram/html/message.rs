//! One message of a page.

use chat_archive::{
    Details, MessageKind, NewMessage, Participant, Precision, Reaction, Sort, Timestamp, Zone,
};

use super::media;
use crate::html::Node;

/// What a message that is joined to the one above takes from it.
#[derive(Debug, Default)]
pub(super) struct Above {
    sender: Option<Participant>,
    via: Option<String>,
    forwarded_from: Option<String>,
    /// When it was.
    pub time: Option<Timestamp>,
}

/// Classes of media and what they are about.
const SORTS: &[(&str, Sort)] = &[
    ("media_call", Sort::Call),
    ("media_poll", Sort::Poll),
    ("media_location", Sort::Location),
    ("media_live_location", Sort::Location),
    ("media_venue", Sort::Location),
    ("media_contact", Sort::Contact),
];

/// The name above a message, if it has one of its own.
pub(super) fn name_of(node: &Node) -> Option<String> {
    body(node)?.children().find(|child| child.is("from_name")).map(|from| without_via(from).0)
}

/// Reads what somebody wrote; `None` if it has no time.
pub(super) fn read(node: &Node, above: &mut Above) -> Option<NewMessage> {
    let body = body(node)?;
    let time = time(body.children().find(|child| child.is("date"))?.attribute("title")?)?;
    let inner = body.children().find(|child| child.is("forwarded") && child.is("body"));
    let is_joined = node.is("joined");
    match body.children().find(|child| child.is("from_name")) {
        Some(from) => {
            let (name, via) = without_via(from);
            above.sender = Some(Participant::new(key_of(&name), name));
            above.via = via;
        }
        None if !is_joined => (above.sender, above.via) = (None, None),
        None => {}
    }
    let named = inner.and_then(|inner| inner.children().find(|child| child.is("from_name")));
    above.forwarded_from = match (inner, named) {
        (Some(_), Some(from)) => Some(without_via(from).0),
        (Some(_), None) => above.forwarded_from.take(),
        (None, _) => None,
    };
    above.time = Some(time);
    let content = inner.unwrap_or(body);
    let mut message = NewMessage {
        source_id: number_of(node).map(|number| number.to_string()),
        sender: above.sender.clone(),
        time,
        text: words(content),
        reply_to: content
            .of_class("reply_to")
            .or_else(|| body.of_class("reply_to"))
            .and_then(replied_to),
        forwarded_from: above.forwarded_from.clone(),
        reactions: reactions(body),
        attachments: media::attachments(content),
        details: details(content, above.via.clone()),
        ..NewMessage::default()
    };
    if message.details.sort == Some(Sort::Call) {
        message.kind = MessageKind::System;
    }
    Some(message)
}

/// What Telegram itself says.
pub(super) fn service(node: &Node, time: Timestamp) -> NewMessage {
    NewMessage {
        source_id: number_of(node).map(|number| number.to_string()),
        time,
        kind: MessageKind::System,
        text: body(node).map(Node::text).unwrap_or_default(),
        attachments: media::attachments(node),
        ..NewMessage::default()
    }
}

fn body(node: &Node) -> Option<&Node> {
    node.children().find(|child| child.is("body"))
}

/// `Ada via @gif`, and the time of what was forwarded.
fn without_via(from: &Node) -> (String, Option<String>) {
    let whole = from.text();
    let date = from.of_class("date").map(Node::text).unwrap_or_default();
    let name = whole.strip_suffix(date.as_str()).unwrap_or(&whole).trim();
    match name.rsplit_once(" via @") {
        Some((name, bot)) => (name.to_owned(), Some(format!("@{bot}"))),
        None => (name.to_owned(), None),
    }
}

fn details(content: &Node, via: Option<String>) -> Details {
    let sort =
        SORTS.iter().find(|(class, _)| content.of_class(class).is_some()).map(|(_, sort)| *sort);
    let signature = content.of_class("signature").map(Node::text);
    let elsewhere = content.of_class("reply_to").filter(|reply| replied_to(reply).is_none());
    Details {
        sort,
        via,
        signature: signature.filter(|words| !words.is_empty()),
        reply_chat: elsewhere.map(|_| "another chat".to_owned()),
        ..Details::default()
    }
}

/// The message's own words, then what its media says in words.
fn words(content: &Node) -> String {
    let own = content.children().find(|child| child.is("text")).map(Node::text);
    let about = content.children().filter(|child| child.is("media_wrap")).map(media::words);
    let parts = own.into_iter().chain(about).filter(|words| !words.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}

/// `#go_to_message12`, perhaps on another page.
fn replied_to(reply: &Node) -> Option<String> {
    let link = reply.find(&|node| node.name == "a")?.attribute("href")?;
    let number: i64 = link.rsplit_once("go_to_message")?.1.parse().ok()?;
    Some(number.to_string())
}

/// Each who reacted by name, where the page has them, else how many.
fn reactions(body: &Node) -> Vec<Reaction> {
    let mut found = Vec::new();
    body.find_all(&|node| node.is("reaction"), &mut found);
    let mut all = Vec::new();
    for reaction in found {
        let emoji = reaction.of_class("emoji").map(Node::text).unwrap_or_default();
        let mut people = Vec::new();
        reaction.find_all(&|node| node.attribute("title").is_some(), &mut people);
        let names = people.iter().filter_map(|node| node.attribute("title"));
        all.extend(names.map(|name| Reaction {
            emoji: emoji.clone(),
            actor: Some(name.to_owned()),
            count: 1,
        }));
        let count = reaction.of_class("count").and_then(|count| count.text().parse().ok());
        if people.is_empty() {
            all.push(Reaction { emoji, actor: None, count: count.unwrap_or(1) });
        }
    }
    all
}

/// `18.03.2021 15:20:24 UTC+01:00`; old versions leave the zone out.
fn time(title: &str) -> Option<Timestamp> {
    const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] =
        time::macros::format_description!("[day].[month].[year] [hour]:[minute]:[second]");
    let (date, zone) = title.split_at_checked(19)?;
    let seconds = time::PrimitiveDateTime::parse(date, FORMAT).ok()?.assume_utc().unix_timestamp();
    let offset = zone.trim().strip_prefix("UTC").and_then(offset);
    let (seconds, zone) =
        offset.map_or((seconds, Zone::Local), |offset| (seconds - offset, Zone::Utc));
    (0..super::super::message::LATEST).contains(&seconds).then_some(Timestamp {
        ms: seconds * 1_000,
        precision: Precision::Second,
        zone,
    })
}

/// Seconds of `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() {
        return Some(0);
    }
    let (hours, minutes) = zone.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    (hours.abs() <= 26 && (0..60).contains(&minutes)).then_some(hours * 3_600 + sign * minutes * 60)
}

/// The key of somebody of whom only the name is known.
pub(super) fn key_of(name: &str) -> String {
    format!("name:{}", name.to_lowercase())
}

/// The number of a message; days have negative ones.
pub(super) fn number_of(node: &Node) -> Option<i64> {
    node.attribute("id")?.strip_prefix("message")?.parse().ok().filter(|number| *number > 0)
}
