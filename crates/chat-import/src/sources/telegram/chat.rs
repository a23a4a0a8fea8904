//! What kind of chat a chat of an export is, and which conversation.

use chat_archive::{ConversationKind, NewConversation, Source};

/// What an export says about a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ChatHead {
    /// Missing for saved messages and deleted accounts.
    pub name: Option<String>,
    /// `personal_chat`, `private_group`, …
    pub kind: Option<String>,
    /// Unique per kind.
    pub id: Option<i64>,
    /// How many messages.
    pub messages: u64,
    /// Names of those who wrote the first messages.
    pub people: Vec<String>,
    /// The first message: tells chats without a name and number apart.
    pub first: Option<String>,
}

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

/// Until 2021, Telegram Desktop wrote groups' and channels' ids with the sort of peer above bit 32.
const OLD_GROUP: i64 = 0x1_0000_0000;
const OLD_CHANNEL: i64 = 0x2_0000_0000;

/// Whether Telegram has such a kind of chat.
pub(super) fn is_known_kind(kind: &str) -> bool {
    KINDS.iter().any(|(k, _, _)| *k == kind)
}

/// The conversation that a chat is.
pub(super) fn conversation(head: &ChatHead) -> NewConversation {
    let known = head.kind.as_deref().and_then(|kind| KINDS.iter().find(|(k, _, _)| *k == kind));
    let (kind, range) =
        known.map_or((ConversationKind::Group, "chat"), |(_, kind, range)| (*kind, *range));
    let name = head.name.clone().filter(|n| !n.is_empty());
    let key = match (head.id, &name) {
        (Some(id), _) => format!("{range}:{}", present_id(range, id)),
        // Hand-made or very old files: the name is all there is.
        (None, Some(name)) => format!("{range}:name:{}", name.to_lowercase()),
        (None, None) => format!("{range}:unnamed:{}", first_mark(head)),
    };
    let title = name.unwrap_or_else(|| unnamed(head, range));
    NewConversation {
        source: Source::Telegram,
        key,
        title,
        kind,
        participants: Vec::new(),
        sample: Vec::new(),
    }
}

/// The key of the person whom a chat is with, if it is between two.
pub(super) fn other_person(head: &ChatHead) -> Option<String> {
    let is_direct = matches!(head.kind.as_deref(), Some("personal_chat" | "bot_chat"));
    head.id.filter(|_| is_direct).map(|id| format!("user{id}"))
}

fn present_id(range: &str, id: i64) -> i64 {
    match range {
        "channel" if id >= OLD_CHANNEL => id - OLD_CHANNEL,
        "group" if (OLD_GROUP..OLD_CHANNEL).contains(&id) => id - OLD_GROUP,
        _ => id,
    }
}

fn unnamed(head: &ChatHead, range: &str) -> String {
    match range {
        "saved" => "Saved Messages".into(),
        "user" => "Deleted account".into(),
        _ if head.people.is_empty() => "Telegram".into(),
        _ => head.people.join(", "),
    }
}

/// Sixteen hex digits of the first message (FNV-1a, 64 bits): no secret hangs on it.
fn first_mark(head: &ChatHead) -> String {
    let bytes = head.first.as_deref().unwrap_or_default().bytes();
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}
