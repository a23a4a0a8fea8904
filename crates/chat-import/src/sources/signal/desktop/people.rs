//! Chats and people: both are rows of the table `conversations`.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chat_archive::Participant;
use serde_json::Value;

use crate::ImportError;
use crate::database::{Database, text};
use crate::sources::signal::frame;

/// A row of `conversations`.
pub(super) struct Chat {
    /// Signal Desktop's own number.
    pub id: String,
    /// The same as in Signal's plaintext export: from both, a chat is one.
    pub key: String,
    /// Name to show.
    pub title: String,
    /// Service ids of a group's members; `None` for a chat between two.
    pub members: Option<Vec<String>>,
}

/// Everyone in the database.
pub(super) struct People {
    chats: Vec<Chat>,
    by_id: HashMap<String, usize>,
    by_account: HashMap<String, usize>,
}

const COLUMNS: &[&str] = &[
    "id",
    "json",
    "type",
    "members",
    "name",
    "profileFullName",
    "profileName",
    "e164",
    "serviceId",
    "uuid",
];

impl People {
    /// Reads who there is.
    pub(super) fn of(database: &Database) -> Result<Self, ImportError> {
        let own = own_account(database)?;
        let mut people =
            Self { chats: Vec::new(), by_id: HashMap::new(), by_account: HashMap::new() };
        let columns = database.list("conversations", "c", COLUMNS);
        database.each(
            &format!("SELECT {columns} FROM conversations c ORDER BY c.id"),
            &[],
            |row| {
                let Some(id) = text(row, "c_id") else { return Ok(()) };
                let json: Value = text(row, "c_json")
                    .and_then(|json| serde_json::from_str(&json).ok())
                    .unwrap_or_default();
                let column = |name: &str| text(row, &format!("c_{name}"));
                let account = column("serviceId")
                    .or_else(|| column("uuid"))
                    .or_else(|| frame::text(&json, "serviceId"));
                let number = column("e164").or_else(|| frame::text(&json, "e164"));
                let at = people.chats.len();
                for known in [&account, &number].into_iter().flatten() {
                    people.by_account.insert(known.to_lowercase(), at);
                }
                people.by_id.insert(id.clone(), at);
                let is_own = account.is_some() && account == own;
                let name = name_of(
                    &json,
                    column("name"),
                    column("profileFullName").or_else(|| column("profileName")),
                );
                people.chats.push(if column("type").as_deref() == Some("group") {
                    group(id, &json, column("members"), name)
                } else if is_own {
                    Chat {
                        id,
                        key: "self".into(),
                        title: name.unwrap_or_else(|| "You".into()),
                        members: None,
                    }
                } else {
                    let key = account.as_deref().map(key_of_account).or_else(|| number.clone());
                    let title = name.or(number).unwrap_or_else(|| "Somebody".into());
                    Chat {
                        key: key.unwrap_or_else(|| format!("conversation {id}")),
                        id,
                        title,
                        members: None,
                    }
                });
                Ok(())
            },
        )?;
        Ok(people)
    }

    /// All chats, also those without messages.
    pub(super) fn chats(&self) -> &[Chat] {
        &self.chats
    }

    /// Somebody, by Signal Desktop's number, service id or telephone number.
    pub(super) fn person(&self, who: &str) -> Option<Participant> {
        let at = self.by_id.get(who).or_else(|| self.by_account.get(&who.to_lowercase()))?;
        Some(participant(&self.chats[*at]))
    }

    /// The owner.
    pub(super) fn owner(&self) -> Participant {
        let known = self.chats.iter().find(|chat| chat.key == "self").map(participant);
        known.unwrap_or_else(|| Participant::new("self", "You").with_own(Some(true)))
    }

    /// Who is in a chat.
    pub(super) fn of_chat(&self, chat: &Chat) -> Vec<Participant> {
        let mut people = vec![self.owner()];
        match &chat.members {
            Some(members) => people.extend(members.iter().filter_map(|who| self.person(who))),
            None => people.push(participant(chat)),
        }
        people.sort_by(|a, b| a.key.cmp(&b.key));
        people.dedup_by(|a, b| a.key == b.key);
        people
    }
}

fn participant(chat: &Chat) -> Participant {
    Participant::new(&chat.key, &chat.title).with_own(Some(chat.key == "self"))
}

fn group(id: String, json: &Value, members: Option<String>, name: Option<String>) -> Chat {
    let of_group = json.get("membersV2").and_then(Value::as_array).into_iter().flatten();
    let mut accounts: Vec<String> =
        of_group.filter_map(|m| frame::text(m, "aci").or_else(|| frame::text(m, "uuid"))).collect();
    if accounts.is_empty() {
        accounts = members.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    }
    // The group's key opens it to whoever has it: what names it here is derived from it.
    let key = frame::text(json, "masterKey")
        .map(|key| format!("group:{}", blake3::hash(key.as_bytes()).to_hex()));
    Chat {
        key: key.unwrap_or_else(|| format!("group:{id}")),
        title: name.unwrap_or_else(|| "Group".into()),
        members: Some(accounts),
        id,
    }
}

fn name_of(json: &Value, name: Option<String>, profile: Option<String>) -> Option<String> {
    let nickname =
        [frame::text(json, "nicknameGivenName"), frame::text(json, "nicknameFamilyName")];
    let nickname: Vec<String> = nickname.into_iter().flatten().collect();
    let given = (!nickname.is_empty()).then(|| nickname.join(" "));
    given
        .or(name)
        .or(profile)
        .or_else(|| frame::text(json, "name"))
        .or_else(|| frame::text(json, "profileName"))
}

/// `{"value": "9d0652a3-….1"}`: the account, and the number of the device.
fn own_account(database: &Database) -> Result<Option<String>, ImportError> {
    let mut own = None;
    let columns = database.list("items", "i", &["json"]);
    database.each(
        &format!("SELECT {columns} FROM items i WHERE i.id = 'uuid_id'"),
        &[],
        |row| {
            let json: Value = text(row, "i_json")
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default();
            own = frame::text(&json, "value")
                .map(|value| value.split('.').next().unwrap_or_default().to_owned());
            Ok(())
        },
    )?;
    Ok(own)
}

/// The form of the plaintext export: base64 of the sixteen bytes.
fn key_of_account(account: &str) -> String {
    let digits: String = account.chars().filter(|c| *c != '-').collect();
    match u128::from_str_radix(&digits, 16) {
        Ok(number) if digits.len() == 32 => STANDARD.encode(number.to_be_bytes()),
        _ => account.to_owned(),
    }
}
