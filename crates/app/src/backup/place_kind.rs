//! What kind of place an address names.

use crate::model::PlaceKind;
use remote_stores::Address;

pub(crate) fn kind_of(url: &str) -> PlaceKind {
    match Address::parse(url).ok().filter(|_| Address::is_remote(url)) {
        None => PlaceKind::Folder,
        Some(Address::WebDav(_)) => PlaceKind::WebDav,
        Some(Address::S3(_)) => PlaceKind::S3,
        Some(Address::Sftp(_)) => PlaceKind::Sftp,
        Some(Address::Rclone(_)) => PlaceKind::Rclone,
    }
}
