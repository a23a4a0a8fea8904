//! What a computer holds, written out whole, and whether two are the same.

use crate::keepsake::{Computer, number, text};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Every conversation as `chats export --format json` writes it.
#[derive(Clone, PartialEq)]
pub(crate) struct Chats(BTreeMap<String, Value>);

impl Chats {
    /// Writes out everything `computer` holds, into the new folder `scratch`.
    pub(crate) fn of(computer: &Computer, scratch: &Path) -> Result<Self> {
        fs::create_dir(scratch)?;
        let list = computer.run(&["chats", "list"], None)?;
        let mut all = BTreeMap::new();
        for conversation in list.as_array().context("`chats list` printed no list")? {
            let id = number(conversation, "id")?.to_string();
            let file = scratch.join(format!("{id}.json"));
            let out = file.to_str().context("the scratch folder's path is not UTF-8")?;
            computer.run(&["chats", "export", &id, "--out", out, "--format", "json"], None)?;
            let exported: Value = serde_json::from_slice(&fs::read(&file)?)?;
            // Its number is this computer's own; source and key are the conversation's.
            let head = &exported["conversation"];
            let name = format!("{} / {}", text(head, "title")?, head["key"]);
            ensure!(all.insert(name.clone(), exported).is_none(), "{name} is there twice");
        }
        ensure!(!all.is_empty(), "there are no conversations");
        Ok(Self(all))
    }

    pub(crate) fn conversations(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn messages(&self) -> usize {
        self.0.values().map(|c| c["messages"].as_array().map_or(0, Vec::len)).sum()
    }

    /// The content hashes of all attachments that are there.
    pub(crate) fn attachment_hashes(&self) -> BTreeSet<String> {
        let mut hashes = BTreeSet::new();
        self.0.values().for_each(|conversation| collect_hashes(conversation, &mut hashes));
        hashes
    }

    /// The first thing that is not the same, or nothing.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        names.into_iter().find_map(|name| match (self.0.get(name), other.0.get(name)) {
            (Some(_), None) => Some(format!("{name} is missing")),
            (None, Some(_)) => Some(format!("{name} was not there before")),
            (a, b) => difference(a?, b?, name),
        })
    }

    /// The same with one letter of one message changed.
    pub(crate) fn with_one_letter_changed(&self) -> Result<Self> {
        let mut changed = self.clone();
        let messages =
            changed.0.values_mut().filter_map(|c| c["messages"].as_array_mut()).flatten();
        let mut texts = messages.filter_map(|message| match &mut message["text"] {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        });
        texts.next().context("no message has a text")?.push('!');
        Ok(changed)
    }
}

fn difference(a: &Value, b: &Value, at: &str) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let names: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            let mut found = names.into_iter().map(|name| {
                let part =
                    |map: &serde_json::Map<_, Value>| map.get(name).cloned().unwrap_or_default();
                difference(&part(x), &part(y), &format!("{at}.{name}"))
            });
            found.find_map(|difference| difference)
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => x
            .iter()
            .zip(y)
            .enumerate()
            .find_map(|(n, (x, y))| difference(x, y, &format!("{at}[{n}]"))),
        (Value::Array(x), Value::Array(y)) => {
            Some(format!("{at}: {} before, {} now", x.len(), y.len()))
        }
        _ if a == b => None,
        _ => Some(format!("{at}: {a} before, {b} now")),
    }
}

/// `content.present.hash` of every attachment, wherever it stands.
fn collect_hashes(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(hash) if name == "hash" => drop(into.insert(hash.clone())),
                    _ => collect_hashes(value, into),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| collect_hashes(value, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chats(text: &str, hash: &str) -> Chats {
        let message = json!({ "text": text, "attachments": [{ "name": "a.jpg", "content": { "hash": hash } }] });
        Chats(BTreeMap::from([("Ada".to_string(), json!({ "messages": [message] }))]))
    }

    #[test]
    fn the_same_is_the_same() {
        assert_eq!(chats("hello", "00").difference(&chats("hello", "00")), None);
    }

    #[test]
    fn another_letter_another_attachment_and_a_lost_chat_are_found() {
        let before = chats("hello", "00");
        let changed = before.with_one_letter_changed().unwrap();
        assert_eq!(
            before.difference(&changed).unwrap(),
            "Ada.messages[0].text: \"hello\" before, \"hello!\" now"
        );
        let other = before.difference(&chats("hello", "01")).unwrap();
        assert!(other.ends_with("content.hash: \"00\" before, \"01\" now"), "{other}");
        assert_eq!(before.difference(&Chats(BTreeMap::new())).unwrap(), "Ada is missing");
        assert_eq!(Chats(BTreeMap::new()).difference(&before).unwrap(), "Ada was not there before");
    }

    #[test]
    fn a_lost_message_is_found() {
        let before = chats("hello", "00");
        let mut lost = before.clone();
        lost.0.get_mut("Ada").unwrap()["messages"].as_array_mut().unwrap().clear();
        assert_eq!(before.difference(&lost).unwrap(), "Ada.messages: 1 before, 0 now");
    }

    #[test]
    fn hashes_are_collected() {
        assert_eq!(chats("hello", "00").attachment_hashes(), BTreeSet::from(["00".to_string()]));
    }
}
