//! The normalised model: what a chat is, whichever messenger it came from.

use serde::{Deserialize, Serialize};

use crate::media::MediaHash;

/// Gives an enum its stable spelling, used in the database and in records.
macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// The stable spelling, as stored and serialised.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the stable spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

spelled! {
    /// The messenger a conversation came from.
    Source {
        /// WhatsApp text export.
        WhatsApp = "whatsapp",
        /// Telegram Desktop JSON export.
        Telegram = "telegram",
        /// Facebook Messenger export.
        Messenger = "messenger",
        /// Instagram.
        Instagram = "instagram",
        /// Signal.
        Signal = "signal",
        /// Apple iMessage.
        IMessage = "imessage",
        /// Element (Matrix) export.
        Element = "element",
        /// Another messenger, through an interchange format.
        Other = "other",
    }
}

spelled! {
    /// Whether a conversation is between two people or many.
    ConversationKind {
        /// Two people, or one person's notes to themselves.
        Direct = "direct",
        /// A group or a channel.
        Group = "group",
    }
}

spelled! {
    /// What a message is.
    MessageKind {
        /// Written words.
        Text = "text",
        /// At least one attachment, perhaps with words.
        Media = "media",
        /// Said by the messenger: "Ada created the group".
        System = "system",
        /// Something that this version does not understand; [`Details::raw`] has it as it was.
        Unknown = "unknown",
    }
}

spelled! {
    /// What a message is about, where it is no plain text or file. Its words say it in full.
    Sort {
        /// A call, made or missed.
        Call = "call",
        /// A poll or a checklist.
        Poll = "poll",
        /// A place, or a live location.
        Location = "location",
        /// Somebody's contact card.
        Contact = "contact",
    }
}

spelled! {
    /// How precise a time is.
    Precision {
        /// Whole minutes; the seconds are unknown, not zero.
        Minute = "minute",
        /// Whole seconds.
        Second = "second",
        /// Milliseconds.
        Millisecond = "millisecond",
    }
}

spelled! {
    /// What a time's numbers mean.
    Zone {
        /// A wall clock in an unknown time zone, kept as the export gave it.
        Local = "local",
        /// Coordinated universal time.
        Utc = "utc",
    }
}

spelled! {
    /// Why an attachment's content is not in the archive.
    MissingReason {
        /// The messenger left it out of the export.
        NotExported = "not_exported",
        /// The export names a file that is not there.
        FileNotFound = "file_not_found",
        /// The export names a path outside itself; it was not followed.
        UnsafePath = "unsafe_path",
        /// The file is there and cannot be read.
        Unreadable = "unreadable",
        /// The file is larger than the archive takes.
        TooLarge = "too_large",
    }
}

/// A moment, with how precise it is and whether its zone is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00; for [`Zone::Local`], of that wall clock read as
    /// if it were UTC.
    pub ms: i64,
    /// How precise `ms` is.
    pub precision: Precision,
    /// What `ms` counts from.
    pub zone: Zone,
}

/// Someone in a conversation. `key` is stable within the conversation's source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Participant {
    /// The source's id of the person, or their normalised name where the source has no ids.
    pub key: String,
    /// The name to show.
    pub name: String,
    /// Whether this is the owner of the archive; `None` where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<bool>,
}

impl Participant {
    /// Someone of whom it is not known whether they are the owner.
    pub fn new(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self { key: key.into(), name: name.into(), own: None }
    }

    /// The same person, known to be the owner or somebody else.
    #[must_use]
    pub fn with_own(self, own: Option<bool>) -> Self {
        Self { own, ..self }
    }
}

/// An earlier wording of a message that was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The words.
    pub text: String,
    /// When they were last changed, ms like the message's time; `None` where nobody knows.
    pub at: Option<i64>,
}

/// What few messages have. Empty for most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// What it is about, where it is no plain text or file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// The bot or app that wrote it on the sender's behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Who signed a channel's post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Title of the topic of a group that it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Name of another chat, of which it answers a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_chat: Option<String>,
    /// The export's own form of what was not understood, so that a later version can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Details {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji, or the source's name for a custom one.
    pub emoji: String,
    /// Who reacted; `None` where the export only counts.
    pub actor: Option<String>,
    /// How many, for reactions without an actor; 1 otherwise.
    pub count: u32,
}

/// A file sent with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file name in the export, without folders. `None` where the export does not say.
    pub name: Option<String>,
    /// Media type such as `image/jpeg`, where known.
    pub mime: Option<String>,
    /// The content, or why it is not here.
    pub content: AttachmentContent,
}

/// Content of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentContent {
    /// In the media vault under this hash.
    Present {
        /// BLAKE3 of the plaintext.
        hash: MediaHash,
        /// Plaintext size in bytes.
        size: u64,
    },
    /// Not in the archive.
    Missing {
        /// Why.
        reason: MissingReason,
    },
}

impl AttachmentContent {
    /// The hash of content that is present.
    pub fn hash(&self) -> Option<MediaHash> {
        match self {
            Self::Present { hash, .. } => Some(*hash),
            Self::Missing { .. } => None,
        }
    }
}

/// A conversation's number in this archive. Not stable across archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationId(pub i64);

/// A message's number in this archive. Not stable across archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);
