//! `keepsake chats`

use super::backup::words;
use crate::args::{Chats, ExportFormat};
use crate::failure::{Failure, Result};
use crate::output::{Output, count, when};
use crate::progress::Shown;
use app::model::{ConversationView, MessageView, SearchHit};
use app::{DeletedChat, Keepsake, StillThere};
use std::fmt::Write;
use std::process::ExitCode;

/// Messages fetched at a time.
const PAGE: u32 = 500;

pub(super) async fn run(keepsake: &Keepsake, command: Chats, output: Output) -> Result<ExitCode> {
    match command {
        Chats::List => {
            let all = app::conversations(keepsake).await?;
            output.result(&all, |all| list(all));
        }
        Chats::Show { chat, from, count } => {
            let conversation = find(keepsake, &chat).await?;
            let messages = page(keepsake, &conversation, from, count).await?;
            output.result(&messages, |messages| messages.iter().map(line).collect());
        }
        Chats::Search { query, chat, limit } => {
            let conversation = match chat {
                Some(chat) => Some(find(keepsake, &chat).await?.id),
                None => None,
            };
            let hits = app::search(keepsake, &query, conversation, limit).await?;
            output.result(&hits, |hits| found(hits));
        }
        Chats::Same => {
            let all = app::same_chats(keepsake).await?;
            output.result(&all, |all| same(all));
        }
        Chats::Merge { chat, other, never } => {
            let (a, b) = (find(keepsake, &chat).await?, find(keepsake, &other).await?);
            if never {
                app::keep_chats_apart(keepsake, a.id, b.id).await?;
                output.result(&serde_json::json!({ "apart": [a.id, b.id] }), |_| {
                    "They stay two chats.".into()
                });
            } else {
                let id = app::unite_chats(keepsake, a.id, b.id).await?;
                let text = format!(
                    "{} and {} are shown as one, number {id}. Undo: keepsake chats split {id}",
                    a.title, b.title
                );
                output.result(&serde_json::json!({ "chat": id }), |_| text);
            }
        }
        Chats::Split { chat } => {
            let chat = find(keepsake, &chat).await?;
            let chats = app::separate_chat(keepsake, chat.id).await?;
            let text =
                format!("{} is {} now.", chat.title, count(chats.len() as u64, "chat", "chats"));
            output.result(&serde_json::json!({ "chats": chats }), |_| text);
        }
        Chats::Own { chat, person, everywhere } => {
            let chat = find(keepsake, &chat).await?;
            app::set_owner(keepsake, chat.id, person.as_deref(), everywhere).await?;
            let text = match &person {
                Some(person) => format!("In {} you are {person}.", chat.title),
                None => format!("In {} you are none of the people.", chat.title),
            };
            output.result(&serde_json::json!({ "chat": chat.id, "owner": person }), |_| text);
        }
        Chats::Delete { chat, yes } => {
            let conversation = find(keepsake, &chat).await?;
            if !yes {
                return Err(would_delete(keepsake, &conversation).await?);
            }
            let deleted = app::delete_chat(keepsake, conversation.id, &Shown::new()).await?;
            return Ok(output.report(
                &deleted,
                |deleted| words::deleted(&conversation.title, deleted),
                remains(&deleted),
            ));
        }
        Chats::Export { chat, out, from, until, format } => {
            let conversation = find(keepsake, &chat).await?;
            let between = app::Between { from, until: until.map(|day| day + 86_400_000) };
            let shown = Shown::new();
            let written = app::export_conversation(
                keepsake,
                conversation.id,
                form(format),
                between,
                &out,
                &shown,
            )
            .await?;
            let result =
                serde_json::json!({ "chat": conversation.title, "out": out, "messages": written });
            output.result(&result, |_| {
                format!("Wrote {} to {}.", count(written, "message", "messages"), out.display())
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a deletion would do; it is asked for once more.
async fn would_delete(keepsake: &Keepsake, chat: &ConversationView) -> Result<Failure> {
    let backups = app::status(keepsake).await?.backups.len() as u64;
    let happened = format!(
        "That would delete {}, with {}, from this computer and from {}.",
        chat.title,
        count(chat.messages, "message", "messages"),
        count(backups, "backup", "backups"),
    );
    let next = "Earlier snapshots would have it until they are pruned. If it is to go, say --yes.";
    let command = format!("keepsake chats delete {} --yes", chat.id);
    Ok(Failure::new("not_confirmed", happened, "Nothing was deleted.", next).with_command(&command))
}

/// A backup that still has what was deleted is an error, after everything else was done.
fn remains(deleted: &DeletedChat) -> Option<Failure> {
    let StillThere { url, chats, reason } = deleted.still_there.first()?;
    let n = count(deleted.still_there.len() as u64, "backup", "backups");
    let happened = format!("{n} could not be changed: {url}: {reason}");
    let next = "When it can be reached, take the chat out of it.";
    let ids: Vec<String> = chats.iter().map(|id| format!("--chat {id}")).collect();
    let command = format!("keepsake backup forget --repo {url} {}", ids.join(" "));
    Some(
        Failure::new("still_there", happened, "The chat is gone from this computer.", next)
            .with_command(&command),
    )
}

async fn page(
    keepsake: &Keepsake,
    conversation: &ConversationView,
    from: u64,
    count: Option<u64>,
) -> Result<Vec<MessageView>> {
    let end = from.saturating_add(count.unwrap_or(u64::MAX)).min(conversation.messages);
    let mut all = Vec::new();
    let mut next = from;
    while next < end {
        let size = u32::try_from(end - next).unwrap_or(PAGE).min(PAGE);
        let messages = app::messages(keepsake, conversation.id, next, size).await?;
        if messages.is_empty() {
            break;
        }
        next += messages.len() as u64;
        all.extend(messages);
    }
    Ok(all)
}

/// By number, by exact title, or by a part of a title that only one has.
async fn find(keepsake: &Keepsake, chat: &str) -> Result<ConversationView> {
    let mut all = app::conversations(keepsake).await?;
    let exact = all
        .iter()
        .position(|c| c.id.to_string() == chat)
        .or_else(|| all.iter().position(|c| c.title == chat));
    if let Some(at) = exact {
        return Ok(all.swap_remove(at));
    }
    let wanted = chat.to_lowercase();
    all.retain(|c| c.title.to_lowercase().contains(&wanted));
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => Err(no_chat(format!("There is no chat {chat:?}."))),
        n => Err(no_chat(format!("{n} chats have {chat:?} in their title."))),
    }
}

fn no_chat(happened: String) -> Failure {
    Failure::new(
        "not_found",
        happened,
        "Nothing was changed.",
        "Use a number or a title from `keepsake chats list`.",
    )
}

fn form(format: ExportFormat) -> app::ExportFormat {
    match format {
        ExportFormat::Json => app::ExportFormat::Json,
        ExportFormat::Text => app::ExportFormat::Text,
        ExportFormat::Chatlab => app::ExportFormat::ChatLab,
        ExportFormat::Pdf => app::ExportFormat::Pdf,
        ExportFormat::Html => app::ExportFormat::Html,
        ExportFormat::Transcript => app::ExportFormat::Transcript,
    }
}

fn list(all: &[ConversationView]) -> String {
    if all.is_empty() {
        return "No chats yet. Import an export: keepsake source import PATH".into();
    }
    all.iter().fold(String::new(), |mut text, c| {
        let last = c.last_at.map(when).unwrap_or_default();
        let messages = count(c.messages, "message", "messages");
        let _ = writeln!(
            text,
            "{:>5}  {:<32}  {:<9}  {messages:>16}  {last}",
            c.id,
            c.title,
            c.source.as_str()
        );
        text
    })
}

fn line(message: &MessageView) -> String {
    let mut text = match &message.sender {
        Some(sender) if message.own => {
            format!("{}  {sender} (you): {}\n", when(message.at), message.text)
        }
        Some(sender) => format!("{}  {sender}: {}\n", when(message.at), message.text),
        None => format!("{}  — {}\n", when(message.at), message.text),
    };
    for attachment in &message.attachments {
        let state =
            attachment.missing.as_ref().map(|m| format!(" (missing: {m})")).unwrap_or_default();
        let _ = writeln!(text, "                  [{}]{state}", attachment.name);
    }
    text
}

fn same(all: &[app::model::SameChat]) -> String {
    if all.is_empty() {
        return "No chats that may be the same.".into();
    }
    all.iter().fold(String::new(), |mut text, one| {
        let state = if one.united { "shown as one" } else { "the same?" };
        let _ = writeln!(
            text,
            "{:>5} {} and {:>5} {}: {state}; {}",
            one.a, one.a_title, one.b, one.b_title, one.evidence
        );
        text
    })
}

fn found(hits: &[SearchHit]) -> String {
    if hits.is_empty() {
        return "Nothing found.".into();
    }
    hits.iter().fold(String::new(), |mut text, hit| {
        let snippet: String = hit
            .snippet
            .iter()
            .map(|p| if p.hit { format!("[{}]", p.text) } else { p.text.clone() })
            .collect();
        let sender = hit.message.sender.as_deref().unwrap_or("—");
        let _ = writeln!(
            text,
            "{}  {} / {sender}: {snippet}",
            when(hit.message.at),
            hit.conversation_title
        );
        text
    })
}
