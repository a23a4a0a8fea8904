//! Backups: making them, looking after them, bringing them back.

mod archive_sink;
mod archive_source;
mod back_up;
mod back_up_now;
mod bring_back;
mod browse;
mod check;
mod contents;
mod copy;
mod decrypt;
mod delete_chat;
pub(crate) mod destinations;
mod export_header;
mod forget;
mod forget_chats;
#[cfg(test)]
mod invented;
mod media_of;
mod offline_keys;
mod parsed_ahead;
mod place_kind;
mod place_memory;
mod place_now;
mod places;
mod progress;
mod prune;
mod repair;
mod restore;
mod restore_choice;
mod side_by_side;
mod snapshots;
mod start_anew;
mod typed_key;
mod unlock;
mod waiting;

pub(crate) use back_up::run as run_backup;
pub use back_up_now::back_up;
pub(crate) use bring_back::bring_back;
pub use browse::{backup_stats, browse_backup, diff_backup};
pub use check::check_backup;
pub use copy::copy_backup;
pub use decrypt::decrypt_backup;
pub use delete_chat::{DeletedChat, StillThere, delete_chat};
pub use export_header::export_header;
pub use forget::Forgotten;
pub use forget_chats::forget_chats;
pub use offline_keys::{
    add_offline_key, offline_keys, recover_with_offline_key, remove_offline_key,
};
pub(crate) use place_kind::kind_of;
pub(crate) use place_memory::PlaceMemory;
pub use place_now::place_now;
pub use places::{PlaceLogin, add_place, forget_place, places};
pub use prune::{KeepPolicy, prune_backup};
pub use repair::{RepairReport, repair_backup};
pub use restore::{restore, restore_chosen};
pub(crate) use restore_choice::Wanted;
pub use restore_choice::{RestoreChoice, RestoreParts};
pub use snapshots::{accept_older_backup, snapshots};
pub use start_anew::start_anew;
pub(crate) use typed_key::typed as typed_offline_key;
pub use unlock::{Unlocked, unlock_backup};

use crate::{AppError, NextStep};
use backup_engine::BackupError;

/// Each as a sentence.
fn named(problems: &[BackupError]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn no_snapshot() -> AppError {
    AppError::new(
        "not_found",
        "There is no finished backup here yet.",
        "Nothing was changed.",
        NextStep::BackUpFirst,
    )
}

/// As it stands in the list of snapshots and in a lock.
pub(crate) fn computer_name() -> String {
    let name = std::fs::read_to_string("/etc/hostname")
        .or_else(|_| std::env::var("COMPUTERNAME").or_else(|_| std::env::var("HOSTNAME")));
    let name: String =
        name.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(64).collect();
    if name.is_empty() { "this computer".into() } else { name }
}
