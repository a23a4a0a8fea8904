//! How messengers write people, where several write it alike.

use chat_archive::{ConversationKind, NewConversation, Participant, Source};

/// A number as people write it, from an address of WhatsApp's: `+49170…` from
/// `49170…@s.whatsapp.net`.
pub(crate) fn number_of(jid: &str) -> String {
    let user = jid.split(['@', ':', '.']).next().unwrap_or(jid);
    let is_number = jid.contains("@s.whatsapp.net")
        && !user.is_empty()
        && user.bytes().all(|b| b.is_ascii_digit());
    if is_number { format!("+{user}") } else { user.to_owned() }
}

/// A chat of WhatsApp by its address, which is the same in the databases of all phones: with a
/// group, or with `other`.
pub(crate) fn whatsapp_chat(jid: &str, title: String, other: String) -> NewConversation {
    let is_group = jid.ends_with("@g.us");
    let participants = match is_group {
        true => Vec::new(),
        false => vec![Participant::new(jid.to_owned(), other).with_own(Some(false))],
    };
    NewConversation {
        source: Source::WhatsApp,
        key: format!("jid:{jid}"),
        title,
        kind: if is_group { ConversationKind::Group } else { ConversationKind::Direct },
        participants,
        sample: Vec::new(),
    }
}

/// Name and numbers of a vCard (RFC 6350).
pub(crate) fn card_in_words(card: &str) -> String {
    let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
    let mut words: Vec<String> =
        card.lines().filter(|l| l.starts_with("FN")).filter_map(value).collect();
    words.extend(card.lines().filter(|l| l.contains("TEL")).filter_map(value));
    if words.is_empty() { "Contact".into() } else { words.join(", ") }
}
