//! One change of a fleet at a time.

use crate::{FleetError, Result};
use std::fs::{File, TryLockError};
use std::path::Path;

/// One change of a fleet at a time; released when dropped.
///
/// # Errors
/// [`FleetError::Busy`] if somebody else has it.
pub(crate) fn take(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(FleetError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FleetError::Busy(dir.to_path_buf())),
        Err(TryLockError::Error(source)) => Err(FleetError::io(&path)(source)),
    }
}
