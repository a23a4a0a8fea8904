//! The name of a chat, from the name of its file.

use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use super::authors::Authors;
use super::header::is_mark;
use crate::export_files::display_name;

/// What stands before the name, in the languages of WhatsApp; longest first where one begins
/// another.
const BEFORE: &[&str] = &[
    "whatsapp chat with ",
    "whatsapp chat - ",
    "whatsapp chat mit ",
    "whatsapp-chat mit ",
    "chat de whatsapp con ",
    "chat de whatsapp - ",
    "discussion whatsapp avec ",
    "conversation whatsapp avec ",
    "chat whatsapp con ",
    "chat whatsapp - ",
    "conversa do whatsapp com ",
    "conversa whatsapp com ",
    "whatsapp-chat met ",
    "whatsapp chat met ",
    "чат whatsapp с контактом ",
    "чат whatsapp с ",
    "czat whatsapp z ",
    "chat whatsapp dengan ",
    "whatsapp-chatt med ",
    "whatsapp-chat med ",
    "whatsapp-keskustelu ",
    "whatsapp chat s ",
    "чат whatsapp з ",
    "conversație whatsapp cu ",
    "whatsapp chat - ",
    "whatsapp - ",
    "دردشة واتساب مع ",
    "דו״ח צ'אט whatsapp עם ",
    "whatsapp चैट ",
    "whatsapp トーク ",
];

/// What stands after it.
const AFTER: &[&str] = &[
    " ile whatsapp sohbeti",
    " के साथ whatsapp चैट",
    "とのwhatsappトーク",
    " whatsapp chat",
    "的 whatsapp 聊天",
    " 的whatsapp聊天",
];

/// The title: from the text's name, the zip's or folder's name, the chat itself, or the people.
pub fn of(path: &Path, text_name: &str, authors: &Authors) -> String {
    let text_name = text_name.rsplit('/').next().unwrap_or(text_name);
    let outer = if path.is_dir() || display_name(path) != text_name { display_name(path) } else { String::new() };
    let folder = path.parent().map(display_name).unwrap_or_default();
    let names = [text_name, &outer, if text_name == "_chat.txt" { &folder } else { "" }];
    let from_files = names.into_iter().find_map(from_name);
    from_files.or_else(|| authors.chat_name()).unwrap_or_else(|| from_people(authors.names()))
}

/// Identity of a name: the same for every way of writing it.
pub fn key_of(name: &str) -> String {
    let lower = name.nfkc().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).collect::<String>();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn from_name(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !is_mark(*c)).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let stem = [".txt", ".zip"].iter().find_map(|e| strip_suffix_ci(&name, e)).unwrap_or(&name);
    let stem = without_copy_number(stem.trim());
    let title = BEFORE
        .iter()
        .find_map(|before| strip_prefix_ci(stem, before))
        .or_else(|| AFTER.iter().find_map(|after| strip_suffix_ci(stem, after)))?
        .trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// `Ada (1)` is the second download of `Ada`.
fn without_copy_number(stem: &str) -> &str {
    let Some((name, number)) = stem.strip_suffix(')').and_then(|s| s.rsplit_once(" (")) else { return stem };
    if !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit()) { name } else { stem }
}

fn from_people(mut names: Vec<String>) -> String {
    const SHOWN: usize = 6;
    names.sort();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    names.truncate(SHOWN);
    if names.is_empty() { "WhatsApp".into() } else { names.join(", ") + more }
}

fn strip_prefix_ci<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let end = matching_prefix(text.chars(), prefix.chars())?;
    Some(&text[end..])
}

fn strip_suffix_ci<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let length = matching_prefix(text.chars().rev(), suffix.chars().rev())?;
    Some(&text[..text.len() - length])
}

/// Bytes of `text` that match all of `wanted` but for case.
fn matching_prefix(mut text: impl Iterator<Item = char>, wanted: impl Iterator<Item = char>) -> Option<usize> {
    let mut length = 0;
    for want in wanted {
        let c = text.next().filter(|c| c.to_lowercase().eq(want.to_lowercase()))?;
        length += c.len_utf8();
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_from_names() {
        let cases = [
            ("WhatsApp Chat with Ada Lovelace.txt", Some("Ada Lovelace")),
            ("WhatsApp Chat - Chess club.zip", Some("Chess club")),
            ("WhatsApp Chat with Ada (1).zip", Some("Ada")),
            ("Chat de WhatsApp con Ana.txt", Some("Ana")),
            ("Ayşe ile WhatsApp Sohbeti.txt", Some("Ayşe")),
            ("Чат WhatsApp с Олей.txt", Some("Олей")),
            ("_chat.txt", None),
            ("notes.txt", None),
        ];
        for (name, title) in cases {
            assert_eq!(from_name(name).as_deref(), title, "{name}");
        }
    }
}
