//! Signal Desktop: the key of its database (SQLCipher), and its attachments.

mod attachment;
mod config;

pub use self::attachment::{Attachment, open_attachment};
pub use self::config::{DatabaseKey, MAX_CONFIG, database_key};
