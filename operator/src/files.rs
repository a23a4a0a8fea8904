//! Files that an operator names or an earlier step wrote, read to a limit.

use crate::error::OperatorError;
use std::path::Path;

/// Bytes of one file: far above a plan, a bundle (64 KiB), a chain of certificates or a transcript,
/// and as much as a file of the evidence may have.
const MAX_FILE: u64 = 1024 * 1024;

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, OperatorError> {
    durable_files::read_bounded(path, MAX_FILE).map_err(OperatorError::io(path))
}

/// As [`read`]; `None` if there is no such file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, OperatorError> {
    durable_files::read_if_there(path, MAX_FILE).map_err(OperatorError::io(path))
}
