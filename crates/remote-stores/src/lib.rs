//! Where a backup lies when it is not a folder: S3, WebDAV, SFTP, and through `rclone` everything
//! else.
//!
//! Every service is one [`backup_engine::Store`]: named blobs, each written all or nothing. A store
//! is not believed: what it gives back is verified by the engine, so nothing here decides whether
//! bytes are right. No service needs to be able to write conditionally.
//!
//! ```no_run
//! use remote_stores::{Address, Credentials, Limits};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let address = Address::parse("https://cloud.example/remote.php/dav/files/ann/Backup")?;
//! let secret = String::from("an app password").into();
//! let credentials = Credentials { name: "ann".into(), secret };
//! let store = remote_stores::open(&address, Some(&credentials), Limits::default())?;
//! remote_stores::try_out(store.as_ref())?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod address;
mod credentials;
mod error;
mod operator;
mod pace;
mod rclone;
mod remote;
mod runtime;
mod transport;
mod trial;

pub use address::{Address, AddressError};
pub use credentials::Credentials;
pub use error::OpenError;
pub use pace::Limits;
pub use trial::{TrialError, try_out};

use backup_engine::Store;
use rclone::Rclone;
use remote::{RemoteStore, Writing};
use std::sync::Arc;

/// The store at an address. Nobody is asked anything yet, except that `rclone` is started where it
/// is needed.
///
/// # Errors
/// [`OpenError`]
pub fn open(
    address: &Address,
    credentials: Option<&Credentials>,
    limits: Limits,
) -> Result<Arc<dyn Store>, OpenError> {
    let store = match address {
        Address::S3(bucket) => {
            RemoteStore::new(operator::s3(bucket, credentials)?, Writing::InPlace, limits)
        }
        Address::WebDav(url) => {
            RemoteStore::new(operator::webdav(url, credentials)?, Writing::Beside, limits)
        }
        Address::Sftp(server) => {
            RemoteStore::new(operator::sftp(server, credentials)?, Writing::Beside, limits)
        }
        Address::Rclone(remote) => {
            let server = Rclone::start(remote)?;
            let operator = operator::webdav(server.url(), Some(server.credentials()))?;
            RemoteStore::new(operator, Writing::Beside, limits).served_by(server)
        }
    };
    Ok(Arc::new(store))
}
