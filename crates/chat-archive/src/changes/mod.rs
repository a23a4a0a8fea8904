//! What changed since a backup, and putting it into another archive.

pub(crate) mod apply;
pub(crate) mod load;
pub(crate) mod read;
pub(crate) mod record;
mod short_forms;
mod written;
