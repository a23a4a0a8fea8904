//! What can be done with a repository: one verb, one file.

pub mod backup;
pub mod check;
mod commit;
pub mod forget;
pub mod prune;
pub mod repair;
pub mod restore;
pub mod summaries;
pub(crate) mod write_packs;
