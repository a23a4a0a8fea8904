//! Who a person is to a service.

use std::fmt;
use zeroize::Zeroizing;

/// Who a person is to a service: user and password, or access key and secret key. For SFTP the path
/// of a key file, without a secret.
///
/// The libraries that speak to the service make copies of their own, which are not erased.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User, or access key.
    pub name: String,
    /// Password, or secret key; empty for a key file.
    pub secret: Zeroizing<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("name", &self.name).finish_non_exhaustive()
    }
}
