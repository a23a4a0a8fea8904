use chat_archive::{ConversationKind, NewConversation, Source};

use super::document::ChatHead;

/// Telegram's kinds of chat: kind, whether between two, and the range that its ids are unique in.
const KINDS: &[(&str, ConversationKind, &str)] = &[
    ("saved_messages", ConversationKind::Direct, "saved"),
    ("replies", ConversationKind::Direct, "user"),
    ("verification_codes", ConversationKind::Direct, "user"),
    ("personal_chat", ConversationKind::Direct, "user"),
    ("bot_chat", ConversationKind::Direct, "user"),
    ("private_group", ConversationKind::Group, "group"),
    ("private_supergroup", ConversationKind::Group, "channel"),
    ("public_supergroup", ConversationKind::Group, "channel"),
    ("private_channel", ConversationKind::Group, "channel"),
    ("public_channel", ConversationKind::Group, "channel"),
];

/// Whether Telegram has such a kind of chat.
pub fn is_known_kind(kind: &str) -> bool {
    KINDS.iter().any(|(k, _, _)| *k == kind)
}

/// The conversation that a chat is.
pub fn conversation(head: &ChatHead) -> NewConversation {
    let known = head.kind.as_deref().and_then(|kind| KINDS.iter().find(|(k, _, _)| *k == kind));
    let (kind, range) = known.map_or((ConversationKind::Group, "chat"), |(_, kind, range)| (*kind, *range));
    let saved = range == "saved";
    let name = head.name.clone().filter(|n| !n.is_empty());
    let title = name.clone().unwrap_or_else(|| if saved { "Saved Messages".into() } else { "Deleted account".into() });
    let key = match (head.id, name) {
        (Some(id), _) => format!("{range}:{id}"),
        // Hand-made or very old files: the name is all there is.
        (None, Some(name)) => format!("{range}:name:{}", name.to_lowercase()),
        (None, None) => format!("{range}:unnamed"),
    };
    NewConversation { source: Source::Telegram, key, title, kind, participants: Vec::new() }
}
