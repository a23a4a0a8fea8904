//! A small invented chat and an archive to put it in.
#![allow(dead_code)]

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use chat_archive::*;

pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) fn open(dir: &Path) -> Archive {
    open_with(dir, Arc::new(MemoryVault::default()))
}

pub(crate) fn open_with(dir: &Path, media: Arc<dyn MediaVault>) -> Archive {
    Archive::open(dir, &ArchiveKey::new(KEY), media).unwrap()
}

pub(crate) fn chat(title: &str) -> NewConversation {
    NewConversation {
        source: Source::WhatsApp,
        key: title.to_lowercase(),
        title: title.into(),
        kind: ConversationKind::Direct,
        participants: Vec::new(),
        sample: Vec::new(),
    }
}

pub(crate) fn person(name: &str) -> Participant {
    Participant::new(name.to_lowercase(), name)
}

/// Minute `minute` of 2024-01-01, said by `sender`.
pub(crate) fn says(sender: &str, minute: i64, text: &str) -> NewMessage {
    NewMessage {
        sender: Some(person(sender)),
        time: minutes(minute),
        text: text.into(),
        ..NewMessage::default()
    }
}

pub(crate) fn sends(sender: &str, minute: i64, file: Option<&str>) -> NewMessage {
    let attachment = NewAttachment {
        name: file.map(Into::into),
        mime: None,
        file: file.map(Into::into).ok_or(MissingReason::NotExported),
    };
    NewMessage { attachments: vec![attachment], ..says(sender, minute, "") }
}

pub(crate) fn numbered(id: u32, message: NewMessage) -> NewMessage {
    NewMessage { source_id: Some(id.to_string()), ..message }
}

pub(crate) fn minutes(minute: i64) -> Timestamp {
    Timestamp {
        ms: 1_704_067_200_000 + minute * 60_000,
        precision: Precision::Minute,
        zone: Zone::Local,
    }
}

/// An export's files.
#[derive(Default)]
pub(crate) struct Files(pub HashMap<String, Vec<u8>>);

impl Files {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(n, c)| ((*n).to_owned(), c.as_bytes().to_vec())).collect())
    }
}

impl MediaReader for Files {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        self.0
            .get(file)
            .map(|b| Box::new(b.as_slice()) as Box<dyn Read>)
            .ok_or(MissingReason::FileNotFound)
    }
}

pub(crate) fn import(
    archive: &mut Archive,
    chat: &NewConversation,
    messages: Vec<NewMessage>,
    files: &mut Files,
) -> ImportReport {
    let mut session = archive.begin_import().unwrap();
    let id = session.add_conversation(chat).unwrap();
    for message in messages {
        session.add_message(id, message, files).unwrap();
    }
    session.finish_conversation(id, files).unwrap();
    session.commit().unwrap()
}

pub(crate) fn all_messages(archive: &Archive) -> Vec<MessageView> {
    let mut all = Vec::new();
    for conversation in archive.conversations().unwrap() {
        all.extend(archive.messages_after(conversation.id, None, 1000).unwrap());
    }
    all
}

pub(crate) fn texts(archive: &Archive) -> Vec<String> {
    all_messages(archive).into_iter().map(|m| m.record.text).collect()
}

pub(crate) fn everything(archive: &Archive) -> Vec<Change> {
    archive.changes_since(Cursor(0)).unwrap().map(Result::unwrap).collect()
}
