//! Who wrote. A line says `name: text`, and both may hold colons.

use std::collections::HashMap;

use super::body;
use super::marks::{is_joiner, is_mark};
use super::name_key::key_of;
use crate::export_files::limits::MAX_PEOPLE;

/// Longest name: WhatsApp takes 25 characters for a profile, contacts may be longer.
const MAX_NAME: usize = 128;
/// Longest name before a colon without a blank behind it, in characters.
const MAX_TIGHT_NAME: usize = 30;
/// This many messages must agree before a second colon is taken as part of the name.
const ENOUGH: u64 = 4;
/// Different texts up to a second colon that are counted per name: more are no names.
const MAX_SECOND: usize = 64;

/// The names seen in a chat, learnt in the first reading.
#[derive(Default)]
pub(super) struct Authors {
    by_first_colon: HashMap<String, Seen>,
    order: Vec<String>,
    /// Before the first line, which WhatsApp itself says on an iPhone: the chat's name.
    chat_name: Option<String>,
    /// The chat's name by the name of its file, as a key.
    title_key: String,
    /// Who took a message back on the phone that exported.
    owner: Option<String>,
    bracketed: bool,
}

#[derive(Default)]
struct Seen {
    messages: u64,
    /// Wrote something or sent a file, as opposed to what WhatsApp says.
    spoke: bool,
    /// How often each text up to a second colon followed.
    second: HashMap<String, u64>,
    /// A message without a second colon was seen.
    plain: bool,
    /// All of its messages end in a quotation that the name itself began: `Ada named it "x: y"`.
    only_quoted: bool,
}

impl Authors {
    /// For a chat whose file's name gives this title.
    pub(super) fn for_title(title: Option<&str>, bracketed: bool) -> Self {
        Self { title_key: title.map(loose_key).unwrap_or_default(), bracketed, ..Self::default() }
    }

    /// Takes in what follows a header.
    pub(super) fn add(&mut self, rest: &str) {
        let Some((name, text)) = self.first_split(rest) else { return };
        let spoke = !body::is_of_whatsapp(text);
        if self.order.is_empty() && !spoke && self.bracketed {
            self.chat_name = Some(name.to_owned());
        }
        if self.owner.is_none() && body::is_taken_back_by_owner(text) {
            self.owner = Some(name.to_owned());
        }
        if !self.by_first_colon.contains_key(name) {
            if self.by_first_colon.len() >= MAX_PEOPLE {
                return;
            }
            self.order.push(name.to_owned());
        }
        let quoted = !quotes_are_closed(name);
        let seen = self.by_first_colon.entry(name.to_owned()).or_default();
        seen.only_quoted =
            quoted && (seen.messages == 0 || seen.only_quoted) && ends_a_quotation(text);
        seen.messages += 1;
        seen.spoke |= spoke;
        match second_split(text) {
            Some(second) if seen.second.len() < MAX_SECOND && !seen.plain => {
                *seen.second.entry(second.to_owned()).or_default() += 1;
            }
            _ => {
                seen.plain = true;
                // A title that holds a colon needs no statistics.
                if self.title_key.is_empty() {
                    seen.second.clear();
                }
            }
        }
    }

    /// Takes in what was learnt from an export that was appended.
    pub(super) fn take_in(&mut self, other: Self) {
        for name in other.order {
            let Some(more) = other.by_first_colon.get(&name) else { continue };
            if !self.by_first_colon.contains_key(&name) {
                self.order.push(name.clone());
            }
            let seen = self.by_first_colon.entry(name).or_default();
            seen.only_quoted = (seen.messages == 0 || seen.only_quoted) && more.only_quoted;
            seen.messages += more.messages;
            seen.spoke |= more.spoke;
            seen.plain |= more.plain;
            for (second, n) in &more.second {
                *seen.second.entry(second.clone()).or_default() += n;
            }
        }
        self.owner = self.owner.take().or(other.owner);
    }

    /// Splits what follows a header into name and text; `None` for the messenger's own lines.
    pub(super) fn split<'a>(&self, rest: &'a str) -> Option<(&'a str, &'a str)> {
        if let Some((name, text)) = self.first_split(rest) {
            let seen = self.by_first_colon.get(name);
            if seen.is_some_and(|s| s.only_quoted) {
                return None;
            }
            let second = second_split(text).filter(|second| self.is_name(name, second));
            return match second {
                Some(second) => {
                    Some((&rest[..name.len() + 2 + second.len()], &text[second.len() + 2..]))
                }
                None => Some((name, text)),
            };
        }
        // "Ada:" with the blank cut off.
        let (name, text) = rest.split_once(':')?;
        self.by_first_colon.contains_key(name).then_some((name, text))
    }

    /// The chat's name: iPhones put it before the first line, which WhatsApp itself says.
    pub(super) fn chat_name(&self) -> Option<String> {
        self.chat_name.as_deref().map(clean).filter(|name| !name.is_empty())
    }

    /// Whether WhatsApp says something under this name: it is the chat's own.
    pub(super) fn is_chat(&self, name: &str) -> bool {
        self.chat_name.as_deref() == Some(name)
    }

    /// Whether this is the name of the chat and of nobody in it.
    pub(super) fn is_only_chat(&self, name: &str) -> bool {
        self.chat_name.as_deref() == Some(name)
            && self.by_first_colon.get(name).is_some_and(|seen| !seen.spoke)
    }

    /// The names to show, in order of appearance.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.order.iter().filter(|name| !self.is_only_chat(name)) {
            let seen = &self.by_first_colon[name];
            if seen.only_quoted {
                continue;
            }
            let mut seconds: Vec<&String> =
                seen.second.keys().filter(|second| self.is_name(name, second)).collect();
            seconds.sort();
            let in_seconds: u64 = seconds.iter().map(|second| seen.second[*second]).sum();
            names.extend(seconds.into_iter().map(|second| clean(&format!("{name}: {second}"))));
            if in_seconds < seen.messages {
                names.push(clean(name));
            }
        }
        // Two spellings may clean to one name.
        let mut known = std::collections::HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        names
    }

    /// The person whose phone exported, where the chat tells: by taking a message back, by the
    /// name that WhatsApp Web gives its user, or because the other of two is the chat's name.
    pub(super) fn owner(&self) -> Option<String> {
        let names = self.names();
        let you = names.iter().find(|name| *name == "You").cloned();
        let taken_back = self.owner.as_deref().map(clean);
        let other_is_title = || match names.as_slice() {
            [a, b] if loose_key(a) == self.title_key => Some(b.clone()),
            [a, b] if loose_key(b) == self.title_key => Some(a.clone()),
            _ => None,
        };
        you.or(taken_back).or_else(other_is_title)
    }

    /// `Work: Ada` is a name if it is the chat's, or if several follow `Work`, never alone, and
    /// each more than once. What follows the chat's own name is text: a bank's `OTP: 1111`.
    fn is_name(&self, first: &str, second: &str) -> bool {
        let Some(seen) = self.by_first_colon.get(first) else { return false };
        if !self.title_key.is_empty() {
            if loose_key(&format!("{first}: {second}")) == self.title_key {
                return seen.second.contains_key(second);
            }
            if loose_key(first) == self.title_key {
                return false;
            }
        }
        let is_chat = self.chat_name.as_deref() == Some(first);
        let several = seen.second.len() >= 2 && seen.second.values().all(|n| *n >= 2);
        !is_chat
            && !seen.plain
            && seen.messages >= ENOUGH
            && several
            && seen.second.contains_key(second)
    }

    fn first_split<'a>(&self, rest: &'a str) -> Option<(&'a str, &'a str)> {
        match rest.split_once(": ") {
            Some((name, text)) => {
                (!name.is_empty() && name.len() <= MAX_NAME).then_some((name, text))
            }
            None => {
                // Something that could be seen once leaves nothing behind the name; some iPhones
                // put no blank there.
                let (name, text) = rest.split_once(':')?;
                (self.bracketed && is_tight_name(name, text)).then_some((name, text))
            }
        }
    }
}

/// The text up to a second colon, if it may be the rest of a name.
fn second_split(text: &str) -> Option<&str> {
    let (second, _) = text.split_once(": ")?;
    let may_be_name = second.len() <= MAX_NAME
        && !second.starts_with(|c: char| is_mark(c) || c == '<')
        && !second.contains('\n');
    may_be_name.then_some(second)
}

/// A name that a colon without a blank ends: short, of few words, and no beginning of a time or an
/// address.
fn is_tight_name(name: &str, text: &str) -> bool {
    let is_short = name.chars().count() <= MAX_TIGHT_NAME && name.split_whitespace().count() <= 3;
    let is_time = name.ends_with(|c: char| c.is_ascii_digit())
        && text.starts_with(|c: char| c.is_ascii_digit());
    !name.is_empty()
        && is_short
        && !is_time
        && !text.starts_with('/')
        && !name.contains(['“', '"', '«', '„'])
}

/// A name as shown: without marks, and without the tilde before people who are no contacts.
pub(super) fn clean(name: &str) -> String {
    let name: String = name.chars().filter(|c| !is_mark(*c)).collect();
    let name = name.trim();
    name.strip_prefix('~').map_or(name, str::trim_start).to_owned()
}

/// The same for a name and for the name of a file: file systems take no colon.
fn loose_key(name: &str) -> String {
    key_of(name).chars().filter(|c| c.is_alphanumeric() || is_joiner(*c)).collect()
}

/// `Ada changed the subject to "Trip: day 1"`: a colon within quotes ends no name.
fn quotes_are_closed(name: &str) -> bool {
    let mut open: Option<char> = None;
    for c in name.chars() {
        open = match (open, c) {
            (Some('„'), '“' | '”')
            | (Some('“'), '”')
            | (Some('«'), '»')
            | (Some('「'), '」')
            | (Some('"'), '"') => None,
            (None, '„' | '“' | '«' | '「' | '"') => Some(c),
            (still, _) => still,
        };
    }
    open.is_none()
}

fn ends_a_quotation(text: &str) -> bool {
    text.contains(['”', '“', '»', '」', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(title: Option<&str>, lines: &[&str]) -> Authors {
        let mut authors = Authors::for_title(title, false);
        lines.iter().for_each(|line| authors.add(line));
        authors
    }

    #[test]
    fn the_first_colon_ends_the_name() {
        let authors = learnt(None, &["Ada: see: this", "Ada: hello"]);
        assert_eq!(authors.split("Ada: see: this"), Some(("Ada", "see: this")));
        assert_eq!(authors.split("Ada created the group"), None);
        assert_eq!(authors.split("Ada:."), Some(("Ada", ".")));
    }

    #[test]
    fn a_name_with_a_colon_is_learnt_from_many_lines() {
        let authors = learnt(
            None,
            &["Work: Ada: hi", "Work: Bo: yo", "Work: Ada: so", "Work: Bo: well: yes"],
        );
        assert_eq!(authors.split("Work: Ada: hi"), Some(("Work: Ada", "hi")));
        assert_eq!(authors.split("Work: Bo: well: yes"), Some(("Work: Bo", "well: yes")));
    }

    #[test]
    fn a_name_with_a_colon_is_known_by_the_name_of_the_file() {
        let authors = learnt(Some("Work_ Ada"), &["Work: Ada: one", "Bo: hi"]);
        assert_eq!(authors.split("Work: Ada: one"), Some(("Work: Ada", "one")));
        assert_eq!(authors.names(), ["Work: Ada", "Bo"]);
        assert_eq!(authors.owner().as_deref(), Some("Bo"));
    }

    #[test]
    fn a_bank_whose_every_text_begins_with_a_word_keeps_its_name() {
        let lines = ["Bank: OTP: 1111", "Bank: Balance: 2", "Bank: OTP: 3333", "Bank: Balance: 4"];
        assert_eq!(learnt(Some("Bank"), &lines).names(), ["Bank"]);
        assert_eq!(
            learnt(None, &["Bank: OTP: 1", "Bank: OTP: 2", "Bank: OTP: 3", "Bank: OTP: 4"]).names(),
            ["Bank"]
        );
    }

    #[test]
    fn a_colon_in_a_quoted_subject_is_no_name() {
        for line in [
            "Ada changed the subject to “Trip: day 1”",
            "Ada changed the subject to \"Trip: day 1\"",
        ] {
            let authors = learnt(None, &[line]);
            assert_eq!(authors.split(line), None);
            assert!(authors.names().is_empty());
        }
        let authors = learnt(None, &["Ada \"the Boss: hello", "Ada \"the Boss: bye"]);
        assert_eq!(authors.split("Ada \"the Boss: hello"), Some(("Ada \"the Boss", "hello")));
    }

    #[test]
    fn names_are_shown_without_marks_and_tilde_and_with_joiners() {
        assert_eq!(clean("~\u{202f}Ada \u{200e}"), "Ada");
        assert_eq!(clean("Ada 👩\u{200d}💻"), "Ada 👩\u{200d}💻");
    }
}
