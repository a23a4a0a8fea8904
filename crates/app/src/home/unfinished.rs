//! Names of files that are being written.

use backup_engine::Process;

pub(super) const UNFINISHED: &str = ".unfinished-";

/// Begins the name of a file that is being written: says by whom.
pub(crate) fn unfinished_prefix() -> String {
    format!("{UNFINISHED}{}-", Process::own().tag())
}
