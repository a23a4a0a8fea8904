//! Chats: brought in from messengers, read, searched, written out, and looked after on this
//! computer.

mod attachment;
mod check_archive;
mod encrypted;
mod export;
mod import;
mod look_around;
mod media;
mod options;
mod people;
mod read;
mod repair_archive;
mod same_chats;
mod spelled;
mod whole;

pub use check_archive::{ArchiveCheck, check_archive};
pub use export::export_conversation;
pub use import::{detect, import_chats, set_owner};
pub use look_around::look_around;
pub use media::{media_months, media_of_month};
pub use options::{Between, DateOrder, ExportFormat, ImportOptions};
pub use people::{link_people, name_person, part_people, people, unlink_person};
pub use read::{conversations, media_bytes, messages, position_at, search};
pub use repair_archive::{ArchiveRepair, repair_archive};
pub use same_chats::{keep_chats_apart, same_chats, separate_chat, unite_chats};
pub(crate) use spelled::messenger;
