//! What can go wrong with a place, as the engine is told.

use backup_engine::StoreError;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// They are asked for once, and not stored by this crate.
    #[error("the place needs a name and a password, or an access key and its secret")]
    NoCredentials,
    /// It can be installed, or another kind of place be chosen.
    #[error("rclone is not installed on this computer")]
    NoRclone,
    /// What it said of it.
    #[error("rclone could not open the place: {0}")]
    Rclone(String),
    /// The service's client cannot be set up like this; why.
    #[error("the place cannot be used: {0}")]
    Unusable(String),
}

/// An answer with status 507, or the quota of an S3 service.
#[derive(Debug, thiserror::Error)]
#[error("there is no space left at the place")]
pub(crate) struct NoSpace;

/// The server was not reached, or hung up.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoAnswer(pub String);

/// What the engine is told of a request that failed.
pub(crate) fn store_error(path: &str, error: opendal::Error) -> StoreError {
    use opendal::ErrorKind::{
        AlreadyExists, ConditionNotMatch, ConfigInvalid, NotFound, PermissionDenied,
    };
    let path = path.to_string();
    if has_cause::<NoSpace>(&error) {
        return StoreError::Full(path);
    }
    match error.kind() {
        NotFound => StoreError::NotFound(path),
        AlreadyExists | ConditionNotMatch => StoreError::AlreadyExists(path),
        PermissionDenied | ConfigInvalid => StoreError::Refused(path),
        _ => StoreError::Unreachable { path, cause: brief(&error) },
    }
}

/// Nobody answered, as often as it was tried; as against an answer that says no.
pub(crate) fn is_connection_lost(error: &opendal::Error) -> bool {
    has_cause::<NoAnswer>(error)
}

fn has_cause<C: std::error::Error + 'static>(error: &opendal::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<C>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// One line: of what an error carries, its own words. Its context holds whole requests and answers.
fn brief(error: &opendal::Error) -> String {
    let source = std::error::Error::source(error).map(|s| format!(": {s}")).unwrap_or_default();
    let line = format!("{}{source}", error.message());
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}
