//! What can be done with a repository: one verb, one file.

pub(crate) mod backup;
pub(crate) mod check;
mod commit;
pub(crate) mod copy;
pub(crate) mod forget;
pub(crate) mod prune;
pub(crate) mod repair;
pub(crate) mod restore;
mod state;
pub(crate) mod summaries;
pub(crate) mod write_packs;
