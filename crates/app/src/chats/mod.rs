//! Chats: brought in from messengers, read, searched, written out, and looked after on this
//! computer.

mod about;
mod attached_file;
mod attachment;
mod bring_in;
mod check_archive;
mod checked_link;
mod encrypted;
mod export;
mod find;
mod import;
mod links;
mod look_around;
mod media;
mod media_type;
mod message_view;
mod options;
mod people;
mod read;
mod repair_archive;
mod same_chats;
mod set_owner;
mod shelf;
mod shelve;
mod shown;
mod smaller;
mod spelled;
mod text_pieces;
mod whole;

pub use about::{chat_numbers, message_info};
pub use attached_file::{clear_opened, lay_out_attachment, save_attachment, save_text};
pub(crate) use bring_in::{import_from, look_into};
pub use check_archive::{ArchiveCheck, check_archive};
pub use checked_link::checked_link;
pub use export::export_conversation;
pub use find::find;
pub use import::{detect, import_chats};
pub use look_around::look_around;
pub use media::{media_months, media_of_month, neighbour_media};
pub use options::{Between, DateOrder, ExportFormat, ImportOptions, ShelfPlace};
pub use people::{link_people, name_person, part_people, people, unlink_person};
pub use read::{
    conversations, media_bytes, media_type, messages, messages_with, position_at, search,
};
pub use repair_archive::{ArchiveRepair, repair_archive};
pub use same_chats::{keep_chats_apart, same_chats, separate_chat, unite_chats};
pub use set_owner::set_owner;
pub use shelve::shelve_chat;
pub use smaller::{Unshown, smaller};
pub(crate) use spelled::messenger;
