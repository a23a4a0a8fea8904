//! The name of a chat, from the name of its file.

use unicode_normalization::UnicodeNormalization;

use super::authors::Authors;
use super::marks::is_mark;
use super::phrases;

/// The first of these names, of a text, a zip or a folder, that holds a title.
pub(super) fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    names.into_iter().find_map(from_name)
}

/// The title: from the names of files, the chat itself, or the people.
pub(super) fn of(from_files: Option<&str>, authors: &Authors) -> String {
    from_files
        .map(str::to_owned)
        .or_else(|| authors.chat_name())
        .unwrap_or_else(|| from_people(authors.names()))
}

/// Whether a name of a file is in another language than English and Filipino.
pub(super) fn is_never_month_first(name: &str) -> bool {
    let lower = name.to_lowercase();
    let english = ["whatsapp chat with ", "whatsapp chat - ", "whatsapp chat kay "];
    from_name(name).is_some() && !english.iter().any(|start| lower.starts_with(start))
}

fn from_name(name: &str) -> Option<String> {
    let name: String = name
        .nfc()
        .filter(|c| !is_mark(*c))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let stem = [".txt", ".zip"].iter().find_map(|e| strip_suffix_ci(&name, e)).unwrap_or(&name);
    let stem = without_copy_number(stem.trim());
    let framed = |(before, after): &(String, String)| {
        let rest = strip_prefix_ci(stem, before)?;
        strip_suffix_ci(rest, after).map(|title| title.trim().to_owned())
    };
    phrases::title_frames().iter().find_map(framed).filter(|title| !title.is_empty())
}

/// `Ada (1)` is the second download of `Ada`.
fn without_copy_number(stem: &str) -> &str {
    let Some((name, number)) = stem.strip_suffix(')').and_then(|s| s.rsplit_once(" (")) else {
        return stem;
    };
    if !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit()) {
        name
    } else {
        stem
    }
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
fn matching_prefix(
    mut text: impl Iterator<Item = char>,
    wanted: impl Iterator<Item = char>,
) -> Option<usize> {
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
            ("WhatsApp 与 Club 的对话.txt", Some("Club")),
            ("ClubとのWhatsAppチャット.txt", Some("Club")),
            ("Biseda me Ana në WhatsApp.txt", Some("Ana")),
            (
                "WhatsApp Chat with Home 👨\u{200d}👩\u{200d}👧.txt",
                Some("Home 👨\u{200d}👩\u{200d}👧"),
            ),
            ("_chat.txt", None),
            ("notes.txt", None),
        ];
        for (name, title) in cases {
            assert_eq!(from_name(name).as_deref(), title, "{name}");
        }
    }

    #[test]
    fn every_frame_gives_the_title_in_it() {
        for (before, after) in phrases::title_frames() {
            let name = format!("{before}Club{after}.txt");
            assert_eq!(from_name(&name).as_deref(), Some("Club"), "{name}");
        }
    }
}
