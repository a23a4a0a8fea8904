//! Invented chats in an archive, for tests.
#![allow(clippy::unwrap_used)]

use chat_archive::{
    Archive, ArchiveKey, ConversationKind, MemoryVault, NewConversation, NewMessage, NoMedia,
    Precision, Source as Messenger, Timestamp, Zone,
};
use rand_core::{OsRng, RngCore};
use std::path::Path;
use std::sync::Arc;

pub(super) fn open(dir: &Path) -> Archive {
    Archive::open(dir, &ArchiveKey::new([7; 32]), Arc::new(MemoryVault::default())).unwrap()
}

pub(super) fn import(
    archive: &mut Archive,
    chat: &str,
    minutes: std::ops::Range<i64>,
    words: usize,
) {
    let mut session = archive.begin_import().unwrap();
    let new = NewConversation {
        source: Messenger::WhatsApp,
        key: chat.into(),
        title: chat.into(),
        kind: ConversationKind::Direct,
        participants: vec![],
        sample: vec![],
    };
    let id = session.add_conversation(&new).unwrap();
    for minute in minutes {
        let mut noise = vec![0; words];
        OsRng.fill_bytes(&mut noise);
        let message = NewMessage {
            time: Timestamp {
                ms: minute * 60_000,
                precision: Precision::Minute,
                zone: Zone::Local,
            },
            text: hex::encode(noise),
            ..NewMessage::default()
        };
        session.add_message(id, message, &mut NoMedia).unwrap();
    }
    session.commit().unwrap();
}
