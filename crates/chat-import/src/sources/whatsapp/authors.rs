//! Who wrote. A line says `name: text`, and both may hold colons.

use std::collections::HashMap;

use super::header::is_mark;
use crate::export_files::limits::MAX_PEOPLE;

/// Longest name: WhatsApp takes 25 characters for a profile, contacts may be longer.
const MAX_NAME: usize = 128;

/// This many messages must agree before a second colon is taken as part of the name.
const ENOUGH: u64 = 4;

/// The names seen in a chat, learnt in the first reading.
#[derive(Default)]
pub struct Authors {
    by_first_colon: HashMap<String, Seen>,
    order: Vec<String>,
    chat_name: Option<String>,
}

#[derive(Default)]
struct Seen {
    messages: u64,
    /// Wrote something, as opposed to lines that begin with a mark.
    spoke: bool,
    /// How often each text up to a second colon followed.
    second: HashMap<String, u64>,
    /// A message without a second colon was seen.
    plain: bool,
}

impl Authors {
    /// Takes in what follows a header.
    pub fn add(&mut self, rest: &str) {
        let Some((name, text)) = first_split(rest) else { return };
        let marked = text.starts_with(is_mark);
        if self.order.is_empty() && marked {
            self.chat_name = Some(name.to_owned());
        }
        if !self.by_first_colon.contains_key(name) {
            if self.by_first_colon.len() >= MAX_PEOPLE {
                return;
            }
            self.order.push(name.to_owned());
        }
        let seen = self.by_first_colon.entry(name.to_owned()).or_default();
        seen.messages += 1;
        seen.spoke |= !marked;
        match text.split_once(": ") {
            Some((second, _)) if second.len() <= MAX_NAME && seen.second.len() < 64 && !seen.plain => {
                *seen.second.entry(second.to_owned()).or_default() += 1;
            }
            _ => {
                seen.plain = true;
                seen.second.clear();
            }
        }
    }

    /// Splits what follows a header into name and text; `None` for the messenger's own lines.
    pub fn split<'a>(&self, rest: &'a str) -> Option<(&'a str, &'a str)> {
        if let Some((name, text)) = first_split(rest) {
            let Some(seen) = self.by_first_colon.get(name).filter(|s| s.second_is_name()) else {
                return Some((name, text));
            };
            let second = text.split_once(": ").filter(|(second, _)| seen.second.contains_key(*second));
            return second.map(|(second, text)| (&rest[..name.len() + 2 + second.len()], text)).or(Some((name, text)));
        }
        // "Ada:" with the blank cut off, or "Ada:." : a name that is known from other lines.
        let (name, text) = rest.split_once(':')?;
        self.by_first_colon.contains_key(name).then_some((name, text))
    }

    /// The chat's name: iPhones put it before the first line, which WhatsApp itself says.
    pub fn chat_name(&self) -> Option<String> {
        self.chat_name.as_deref().map(clean).filter(|name| !name.is_empty())
    }

    /// Whether this is the name of the chat and of nobody in it.
    pub fn is_only_chat(&self, name: &str) -> bool {
        self.chat_name.as_deref() == Some(name) && self.by_first_colon.get(name).is_some_and(|seen| !seen.spoke)
    }

    /// The names to show, in order of appearance.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.order.iter().filter(|name| !self.is_only_chat(name)) {
            let seen = &self.by_first_colon[name];
            if seen.second_is_name() {
                names.extend(seen.second.keys().map(|second| clean(&format!("{name}: {second}"))));
            } else {
                names.push(clean(name));
            }
        }
        // Two spellings may clean to one name.
        let mut unique = Vec::with_capacity(names.len());
        let mut known = std::collections::HashSet::new();
        for name in names {
            if known.insert(name.clone()) {
                unique.push(name);
            }
        }
        unique
    }
}

impl Seen {
    /// "Work: Ada" and "Work: Bo", never "Work" alone, and each more than once.
    fn second_is_name(&self) -> bool {
        !self.plain && self.messages >= ENOUGH && self.second.values().all(|n| *n >= 2)
    }
}

/// A name as shown: without marks, and without the tilde before people who are no contacts.
pub fn clean(name: &str) -> String {
    let name: String = name.chars().filter(|c| !is_mark(*c)).collect();
    let name = name.trim();
    name.strip_prefix('~').map_or(name, str::trim_start).to_owned()
}

fn first_split(rest: &str) -> Option<(&str, &str)> {
    let (name, text) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|name| (name, "")))?;
    let is_name = !name.is_empty()
        && name.len() <= MAX_NAME
        && quotes_are_closed(name)
        && (!text.is_empty() || rest.ends_with(": "));
    is_name.then_some((name, text))
}

/// `Ada changed the subject to "Trip: day 1"`: a colon within quotes ends no name.
fn quotes_are_closed(name: &str) -> bool {
    let mut open: Option<char> = None;
    for c in name.chars() {
        open = match (open, c) {
            (Some('„'), '“' | '”') | (Some('“'), '”') | (Some('«'), '»') | (Some('「'), '」') | (Some('"'), '"') => {
                None
            }
            (None, '„' | '“' | '«' | '「' | '"') => Some(c),
            (still, _) => still,
        };
    }
    open.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(lines: &[&str]) -> Authors {
        let mut authors = Authors::default();
        lines.iter().for_each(|line| authors.add(line));
        authors
    }

    #[test]
    fn the_first_colon_ends_the_name() {
        let authors = learnt(&["Ada: see: this", "Ada: hello"]);
        assert_eq!(authors.split("Ada: see: this"), Some(("Ada", "see: this")));
        assert_eq!(authors.split("Ada created the group"), None);
        assert_eq!(authors.split("Ada:."), Some(("Ada", ".")));
    }

    #[test]
    fn a_name_with_a_colon_is_learnt_from_many_lines() {
        let authors = learnt(&["Work: Ada: hi", "Work: Bo: yo", "Work: Ada: so", "Work: Bo: well: yes"]);
        assert_eq!(authors.split("Work: Ada: hi"), Some(("Work: Ada", "hi")));
        assert_eq!(authors.split("Work: Bo: well: yes"), Some(("Work: Bo", "well: yes")));
    }

    #[test]
    fn a_colon_in_a_quoted_subject_is_no_name() {
        assert_eq!(Authors::default().split("Ada changed the subject to “Trip: day 1”"), None);
        assert_eq!(Authors::default().split("Ada changed the subject to \"Trip: day 1\""), None);
    }

    #[test]
    fn names_are_shown_without_marks_and_tilde() {
        assert_eq!(clean("~\u{202f}Ada \u{200e}"), "Ada");
    }
}
