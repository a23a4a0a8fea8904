//! What the archive calls things, as the shells are told it.

use crate::model::{MessageKind, Messenger, TimePrecision, Zone};
use chat_archive::{Precision, Source};

pub(crate) fn messenger(source: Source) -> Messenger {
    match source {
        Source::WhatsApp => Messenger::WhatsApp,
        Source::Telegram => Messenger::Telegram,
        Source::Messenger => Messenger::Messenger,
        Source::Instagram => Messenger::Instagram,
        Source::Signal => Messenger::Signal,
        Source::IMessage => Messenger::IMessage,
        Source::Element => Messenger::Element,
        Source::Other => Messenger::Other,
    }
}

pub(super) fn kind(kind: chat_archive::MessageKind) -> MessageKind {
    match kind {
        chat_archive::MessageKind::Text => MessageKind::Text,
        chat_archive::MessageKind::Media => MessageKind::Media,
        chat_archive::MessageKind::System => MessageKind::System,
        chat_archive::MessageKind::Unknown => MessageKind::Unknown,
    }
}

pub(super) fn zone(zone: chat_archive::Zone) -> Zone {
    match zone {
        chat_archive::Zone::Local => Zone::Local,
        chat_archive::Zone::Utc => Zone::Utc,
    }
}

/// Nothing shows less than a second.
pub(super) fn precision(precision: Precision) -> TimePrecision {
    match precision {
        Precision::Minute => TimePrecision::Minute,
        Precision::Second | Precision::Millisecond => TimePrecision::Second,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_shells_spell_what_the_archive_has_as_the_archive_does() {
        let sources = [
            "whatsapp",
            "telegram",
            "messenger",
            "instagram",
            "signal",
            "imessage",
            "element",
            "other",
        ];
        for name in sources {
            let told = messenger(Source::parse(name).unwrap());
            assert_eq!((json!(told), told.as_str()), (json!(name), name));
        }
        for name in ["text", "media", "system", "unknown"] {
            assert_eq!(json!(kind(chat_archive::MessageKind::parse(name).unwrap())), json!(name));
        }
        for name in ["local", "utc"] {
            assert_eq!(json!(zone(chat_archive::Zone::parse(name).unwrap())), json!(name));
        }
    }
}
