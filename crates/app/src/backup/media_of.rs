//! Which media files a change needs.

use backup_engine::MediaHash as Hash;
use chat_archive::{AttachmentContent, Change};

/// The media that a change speaks of, with their sizes.
pub(super) fn media_of(change: &Change) -> impl Iterator<Item = (Hash, u64)> {
    let (attachments, of_fact) = match change {
        Change::Message(message) => (message.attachments.as_slice(), None),
        Change::Fact(record) => {
            (&[] as &[_], record.fact.media().map(|(hash, size)| (hash.0, size)))
        }
        Change::Conversation(_) | Change::Everywhere => (&[] as &[_], None),
    };
    let of_message = attachments.iter().filter_map(|attachment| match attachment.content {
        AttachmentContent::Present { hash, size } => Some((hash.0, size)),
        AttachmentContent::Missing { .. } => None,
    });
    of_message.chain(of_fact)
}
