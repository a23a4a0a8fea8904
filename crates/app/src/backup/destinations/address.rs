//! Where a backup is, as a person says it.

use crate::{AppError, NextStep, Result};
use remote_stores::{Address, AddressError};

/// A folder path or `file://` address, made absolute so that it means the same place from anywhere;
/// or the address of a place that is no folder, in the form that names it from now on.
pub(crate) fn address(repo: &str) -> Result<String> {
    if Address::is_remote(repo) {
        return Ok(remote(repo)?.to_string());
    }
    let path = repo.strip_prefix("file://").unwrap_or(repo);
    if path.is_empty() {
        return Err(bad_place("No place for the backup was given.".into(), NextStep::ChooseFolder));
    }
    let absolute = std::path::absolute(path);
    let path = absolute
        .map_err(|e| {
            bad_place(format!("{path} is not a usable path: {e}."), NextStep::ChooseFolder)
        })?
        .into_os_string();
    path.into_string()
        .map_err(|_| bad_place("The path is not valid text.".into(), NextStep::ChooseFolder))
}

/// The address of a place that is no folder.
pub(super) fn remote(text: &str) -> Result<Address> {
    Address::parse(text).map_err(|refused| {
        let next = match &refused {
            AddressError::PasswordInAddress => NextStep::LeavePasswordOut,
            _ => NextStep::CheckPlaceAddress,
        };
        bad_place(format!("{}.", crate::error::capitalised(&refused.to_string())), next)
    })
}

fn bad_place(happened: String, next: NextStep) -> AppError {
    AppError::new("bad_place", happened, "Nothing was written.", next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_absolute_and_other_places_as_they_are_named() {
        assert_eq!(address("/a/b").unwrap(), "/a/b");
        assert_eq!(address("file:///a/b").unwrap(), "/a/b");
        assert!(address("x").unwrap().starts_with('/'));
        assert_eq!(address("s3://bucket/").unwrap(), "s3://bucket");
        assert_eq!(address("rclone:drive:Keepsake").unwrap(), "rclone:drive:Keepsake");
    }

    #[test]
    fn what_is_no_place_says_what_to_do() {
        let refused =
            |text: &str| (address(text).unwrap_err().code, address(text).unwrap_err().next);
        assert_eq!(refused(""), ("bad_place", NextStep::ChooseFolder));
        assert_eq!(refused("ftp://host/path"), ("bad_place", NextStep::CheckPlaceAddress));
        assert_eq!(refused("http://cloud.example/dav"), ("bad_place", NextStep::CheckPlaceAddress));
        assert_eq!(
            refused("https://ann:secret@cloud.example/dav"),
            ("bad_place", NextStep::LeavePasswordOut)
        );
    }
}
