//! Files that survive a crash whole, that only their owner may read, and that are not longer than
//! they may be.
//!
//! A new content is written beside its place, synced, given its name, and the folder is synced:
//! whoever is told that it is stored finds it after a loss of power, and whoever reads finds the
//! old or the new content, never a part. What a killed process left beside a file goes with the
//! next write of that file.

mod folders;
mod leftovers;
mod read;
mod state_file;
mod steps;
mod tree;
mod unfinished;
mod write;

pub use folders::{
    create_dirs, create_private_dirs, create_private_dirs_unsynced, rename_durably, sync_folder,
};
pub use leftovers::{is_unfinished, remove_leftovers};
pub use read::{read_bounded, read_if_there, read_private};
pub use state_file::{Format, State, StateFile, StateFileError};
pub use tree::{Hidden, TreeError, TreeLimits, read_tree};
pub use unfinished::Unfinished;
pub use write::{append, open_private, write_new, write_private, write_whole};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Mode 0600.
    Owner,
    /// Mode 0644, less what the process's umask takes away.
    Everyone,
}

impl Readers {
    /// Permission bits of a new file.
    #[cfg(unix)]
    pub(crate) fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everyone => 0o644,
        }
    }
}
