//! What an export is made of: a file or a folder that is whole or not there, names, sums, pages.

pub(crate) mod folder;
mod message_text;
mod names;
pub(crate) mod pdf;
pub(crate) mod summed;
pub(crate) mod unfinished;
