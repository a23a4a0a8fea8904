//! Frames of Signal's backup format, as JSON: people, groups and chats.

use std::collections::{BTreeMap, HashMap};

use chat_archive::Participant;
use serde_json::Value;

use super::field;

/// People and groups that frames refer to by number, and the chats.
#[derive(Debug, Default)]
pub(super) struct Recipients {
    recipients: HashMap<u64, Recipient>,
    /// Recipient of each chat, in the order of their numbers.
    chats: BTreeMap<u64, u64>,
    messages: HashMap<u64, u64>,
    /// Numbers of recipients by the account that `bytes` fields name.
    by_account: HashMap<String, u64>,
    owner: Option<u64>,
    owner_name: Option<String>,
}

#[derive(Debug, Default)]
struct Recipient {
    key: String,
    name: String,
    /// Accounts of the members; `None` for a person.
    members: Option<Vec<String>>,
}

impl Recipients {
    /// Takes in a frame.
    pub(super) fn add(&mut self, frame: &Value) {
        if let Some(account) = field(frame, "account") {
            self.owner_name = full_name(account, "givenName", "familyName");
        } else if let Some(recipient) = field(frame, "recipient") {
            self.recipient(recipient);
        } else if let Some(chat) = field(frame, "chat") {
            if let (Some(id), Some(to)) =
                (chat.get("id").and_then(number), chat.get("recipientId").and_then(number))
            {
                self.chats.insert(id, to);
            }
        } else if let Some(chat) =
            field(frame, "chatItem").and_then(|item| number(item.get("chatId")?))
        {
            *self.messages.entry(chat).or_default() += 1;
        }
    }

    fn recipient(&mut self, value: &Value) {
        let Some(id) = value.get("id").and_then(number) else { return };
        let recipient = if let Some(contact) = field(value, "contact") {
            if let Some(aci) = text(contact, "aci") {
                self.by_account.insert(aci, id);
            }
            contact_of(contact, id)
        } else if let Some(group) = field(value, "group") {
            group_of(group, id)
        } else if field(value, "self").is_some() {
            self.owner = Some(id);
            let name = self.owner_name.clone().unwrap_or_else(|| "You".into());
            Recipient { key: "self".into(), name, members: None }
        } else if field(value, "releaseNotes").is_some() {
            Recipient { key: "signal".into(), name: "Signal".into(), members: None }
        } else {
            // A story's list of readers, or a link to a call: no chat is with them.
            Recipient {
                key: format!("recipient{id}"),
                name: format!("Recipient {id}"),
                members: None,
            }
        };
        self.recipients.insert(id, recipient);
    }

    /// Numbers of the chats.
    pub(super) fn chats(&self) -> Vec<u64> {
        self.chats.keys().copied().collect()
    }

    /// How many messages a chat has.
    pub(super) fn messages_of(&self, chat: u64) -> u64 {
        self.messages.get(&chat).copied().unwrap_or(0)
    }

    fn of_chat(&self, chat: u64) -> Option<&Recipient> {
        self.recipients.get(self.chats.get(&chat)?)
    }

    /// Name of a chat.
    pub(super) fn title_of(&self, chat: u64) -> String {
        match self.of_chat(chat) {
            Some(recipient) if recipient.key == "self" => "Note to self".into(),
            Some(recipient) => recipient.name.clone(),
            None => format!("Chat {chat}"),
        }
    }

    /// Identity of a chat.
    pub(super) fn key_of(&self, chat: u64) -> String {
        self.of_chat(chat).map_or_else(|| format!("chat{chat}"), |recipient| recipient.key.clone())
    }

    /// Whether many people are in it.
    pub(super) fn is_group(&self, chat: u64) -> bool {
        self.of_chat(chat).is_some_and(|recipient| recipient.members.is_some())
    }

    /// Who is in a chat.
    pub(super) fn people_of(&self, chat: u64) -> Vec<Participant> {
        let Some(recipient) = self.of_chat(chat) else { return Vec::new() };
        let mut people: Vec<Participant> =
            self.owner.and_then(|id| self.person(id)).into_iter().collect();
        match &recipient.members {
            Some(members) => {
                people.extend(members.iter().filter_map(|account| self.by_account(account)))
            }
            None => people.extend(
                self.chats
                    .get(&chat)
                    .filter(|id| Some(**id) != self.owner)
                    .and_then(|id| self.person(*id)),
            ),
        }
        people
    }

    /// Somebody by number.
    pub(super) fn person(&self, id: u64) -> Option<Participant> {
        let recipient = self.recipients.get(&id)?;
        let own = self.owner.map(|owner| owner == id);
        Some(Participant::new(&recipient.key, &recipient.name).with_own(own))
    }

    /// Somebody by account.
    pub(super) fn by_account(&self, account: &str) -> Option<Participant> {
        self.person(*self.by_account.get(account)?)
    }
}

fn contact_of(contact: &Value, id: u64) -> Recipient {
    let number = contact.get("e164").and_then(number).filter(|n| *n > 0).map(|n| format!("+{n}"));
    let key = text(contact, "aci").or_else(|| number.clone()).or_else(|| text(contact, "pni"));
    let nickname = field(contact, "nickname").and_then(|name| full_name(name, "given", "family"));
    let name = nickname
        .or_else(|| full_name(contact, "systemGivenName", "systemFamilyName"))
        .or_else(|| full_name(contact, "profileGivenName", "profileFamilyName"))
        .or_else(|| text(contact, "username"))
        .or(number);
    Recipient {
        key: key.unwrap_or_else(|| format!("recipient{id}")),
        name: name.unwrap_or_else(|| format!("Recipient {id}")),
        members: None,
    }
}

fn group_of(group: &Value, id: u64) -> Recipient {
    let snapshot = field(group, "snapshot");
    let title = snapshot
        .and_then(|s| text(s.get("title")?, "title"))
        .unwrap_or_else(|| format!("Group {id}"));
    let members = snapshot.and_then(|s| s.get("members")?.as_array()).into_iter().flatten();
    // The group's key opens it to whoever has it: what names it here is derived from it.
    let key = text(group, "masterKey")
        .map(|key| format!("group:{}", blake3::hash(key.as_bytes()).to_hex()));
    Recipient {
        key: key.unwrap_or_else(|| format!("group:{title}")),
        name: title,
        members: Some(members.filter_map(|member| text(member, "userId")).collect()),
    }
}

fn full_name(value: &Value, given: &str, family: &str) -> Option<String> {
    let parts: Vec<String> =
        [given, family].into_iter().filter_map(|key| text(value, key)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Words that are there.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|words| !words.is_empty()).map(str::to_owned)
}

/// A number, which JSON of this format writes as words if it has 64 bits.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
