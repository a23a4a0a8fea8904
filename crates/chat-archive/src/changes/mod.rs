//! What changed since a backup, and putting it into another archive.

pub mod apply;
pub mod load;
pub mod read;
pub mod record;
mod written;
