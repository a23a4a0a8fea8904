//! A page for a browser: no script, nothing from elsewhere, whatever a message says.

use std::io::{self, Write};

use super::{FileNames, readable};
use crate::{Attachment, AttachmentContent, ConversationSummary, MessageKind, MessageView};

const STYLE: &str = "body{font:16px/1.4 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem;\
background:#f4f4f2;color:#1c1c1a}h2{font-size:.85rem;text-align:center;color:#666;margin:1.5rem 0 .5rem}\
article{background:#fff;border-radius:.6rem;padding:.4rem .7rem;margin:.3rem 4rem .3rem 0;overflow-wrap:anywhere}\
article.own{background:#dff0e4;margin:.3rem 0 .3rem 4rem}.system{text-align:center;color:#666;font-size:.85rem}\
.who{font-weight:600;font-size:.85rem}.words{white-space:pre-wrap}.small,time{color:#666;font-size:.8rem}\
blockquote{margin:.2rem 0;padding-left:.5rem;border-left:3px solid #9b9;color:#555}\
img,video{max-width:100%;max-height:24rem;border-radius:.4rem}@media print{body{background:#fff}}";

/// The beginning, with the names of the people.
pub(super) fn head(summary: &ConversationSummary, out: &mut dyn Write) -> io::Result<()> {
    let title = escaped(&summary.title);
    let people: Vec<String> =
        summary.participants.iter().map(|person| escaped(&person.name)).collect();
    write!(
        out,
        "<!doctype html>\n<html lang=\"und\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:; \
         media-src 'self' file:; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n\
         <body><h1>{title}</h1>\n<p class=\"small\">{} · {} messages · {}</p>\n",
        summary.source.as_str(),
        summary.messages,
        people.join(", "),
    )
}

/// A message, and the day before the first one of it.
pub(super) fn message(
    message: &MessageView,
    summary: &ConversationSummary,
    names: FileNames<'_>,
    last_day: &mut String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let record = &message.record;
    let time = readable(&record.time);
    let (day, clock) = time.split_once(' ').unwrap_or((&time, ""));
    if day != last_day {
        writeln!(out, "<h2>{day}</h2>")?;
        *last_day = day.to_owned();
    }
    let sender = message.sender.as_ref();
    let (Some(person), false) = (sender, record.kind == MessageKind::System) else {
        return writeln!(
            out,
            "<p class=\"system\">{} <time>{clock}</time></p>",
            escaped(&record.text)
        );
    };
    let own = summary.participants.iter().any(|p| p.key == person.key && p.own == Some(true));
    let class = if own { " class=\"own\"" } else { "" };
    write!(out, "<article{class}><div class=\"who\">{}</div>", escaped(&person.name))?;
    if let Some(reply) = &message.reply {
        write!(
            out,
            "<blockquote>{} {}</blockquote>",
            escaped(reply.sender.as_deref().unwrap_or("")),
            escaped(&reply.text)
        )?;
    }
    if let Some(from) = &record.forwarded_from {
        write!(out, "<div class=\"small\">forwarded {}</div>", escaped(from))?;
    }
    for attachment in &record.attachments {
        write!(out, "{}", file(attachment, names(attachment)))?;
    }
    if !record.text.is_empty() {
        write!(out, "<div class=\"words\" dir=\"auto\">{}</div>", escaped(&record.text))?;
    }
    for wording in &record.earlier {
        write!(out, "<div class=\"small words\">earlier: {}</div>", escaped(&wording.text))?;
    }
    for reaction in &record.reactions {
        let by = escaped(reaction.actor.as_deref().unwrap_or_default());
        write!(out, "<span class=\"small\">{} {by}</span> ", escaped(&reaction.emoji))?;
    }
    let edited = if record.edited { "edited " } else { "" };
    let unsent = if record.unsent { "deleted by its sender " } else { "" };
    writeln!(out, "<div class=\"small\">{unsent}{edited}<time>{clock}</time></div></article>")
}

/// The end.
pub(super) fn foot(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</body></html>")
}

fn file(attachment: &Attachment, path: Option<String>) -> String {
    let name = escaped(attachment.name.as_deref().unwrap_or("file"));
    let mime = attachment.mime.as_deref().unwrap_or_default();
    match (path, &attachment.content) {
        (Some(path), _) => {
            let link = escaped(&encoded(&path));
            match mime.split('/').next() {
                Some("image") => format!(
                    "<a href=\"{link}\"><img src=\"{link}\" alt=\"{name}\" loading=\"lazy\"></a>"
                ),
                Some("video") => {
                    format!("<video controls preload=\"none\" src=\"{link}\"></video>")
                }
                Some("audio") => {
                    format!("<audio controls preload=\"none\" src=\"{link}\"></audio>")
                }
                _ => format!("<a href=\"{link}\">{name}</a>"),
            }
        }
        (None, AttachmentContent::Missing { reason }) => {
            format!("<div class=\"small\">{name}, missing: {}</div>", reason.as_str())
        }
        (None, AttachmentContent::Present { size, .. }) => {
            format!("<div class=\"small\">{name}, {size} bytes</div>")
        }
    }
}

fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Would turn the words after it around, or is no character of a page.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A path as it stands in a link (RFC 3986).
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
