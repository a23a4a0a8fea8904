//! This computer's key in the system's keyring.

use super::{DeviceKeyStore, check_home};
use crate::error::DeviceKeyError;
use crate::local::LocalKey;
use crate::secret::Secret;
use keyring::{Entry, Error};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use zeroize::Zeroizing;

/// Name of Keepsake's entries in the system's keyring; the entry's user is the home id.
pub const DEVICE_SERVICE: &str = "keepsake";

/// A person needs time to answer an unlock prompt; a service that hangs must not hang the app.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keychain on macOS, Credential Manager on Windows, Secret Service elsewhere.
pub struct KeyringStore {
    patience: Duration,
}

impl KeyringStore {
    /// The keyring of the person who is logged in. It is asked when it is needed, not here.
    pub fn new() -> Self {
        Self { patience: PATIENCE }
    }

    /// Waits at most this long for the keyring, then answers `Locked`.
    pub fn with_patience(patience: Duration) -> Self {
        Self { patience }
    }

    fn ask<T: Send + 'static>(
        &self,
        home: &str,
        question: impl FnOnce(Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, DeviceKeyError> {
        check_home(home)?;
        let home = home.to_string();
        answer_within(self.patience, move || question(Entry::new(DEVICE_SERVICE, &home)?))
    }
}

impl Default for KeyringStore {
    fn default() -> Self {
        Self::new()
    }
}

impl DeviceKeyStore for KeyringStore {
    fn name(&self) -> &'static str {
        "keyring"
    }

    fn load(&self, home: &str) -> Result<LocalKey, DeviceKeyError> {
        let bytes = self.ask(home, |entry| entry.get_secret().map(Zeroizing::new))?;
        Secret::from_slice(&bytes).map(LocalKey::from_secret).ok_or(DeviceKeyError::Damaged)
    }

    fn save(&self, home: &str, key: &LocalKey) -> Result<(), DeviceKeyError> {
        let key = key.clone();
        self.ask(home, move |entry| entry.set_secret(key.secret().expose()))
    }

    fn delete(&self, home: &str) -> Result<(), DeviceKeyError> {
        self.ask(home, |entry| entry.delete_credential())
    }
}

/// Runs the question on its own thread: the keyring libraries have no timeout of their own.
fn answer_within<T: Send + 'static>(
    patience: Duration,
    question: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, DeviceKeyError> {
    let (tell, told) = channel();
    std::thread::Builder::new().name("keyring".into()).spawn(move || {
        // Nobody listens any more after a timeout.
        let _ = tell.send(question());
    })?;
    match told.recv_timeout(patience) {
        Ok(answer) => answer.map_err(meaning),
        Err(RecvTimeoutError::Timeout) => Err(DeviceKeyError::Locked),
        Err(RecvTimeoutError::Disconnected) => {
            Err(DeviceKeyError::NoKeyringService("it stopped answering".into()))
        }
    }
}

fn meaning(error: Error) -> DeviceKeyError {
    match error {
        Error::NoEntry => DeviceKeyError::NotFound,
        Error::NoDefaultStore => DeviceKeyError::NoKeyringService("none could be reached".into()),
        Error::PlatformFailure(cause) => DeviceKeyError::NoKeyringService(cause.to_string()),
        Error::NoStorageAccess(cause) => refusal(&cause.to_string()),
        Error::BadEncoding(_)
        | Error::BadDataFormat(..)
        | Error::BadStoreFormat(_)
        | Error::Ambiguous(_) => DeviceKeyError::Damaged,
        other => DeviceKeyError::NoKeyringService(other.to_string()),
    }
}

/// The Secret Service tells these apart in words only.
fn refusal(cause: &str) -> DeviceKeyError {
    let cause = cause.to_lowercase();
    if cause.contains("locked") {
        DeviceKeyError::Locked
    } else if cause.contains("no result") || cause.contains("not found") {
        DeviceKeyError::NoKeyringService(cause)
    } else {
        DeviceKeyError::Denied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(text: &str) -> Box<dyn std::error::Error + Send + Sync> {
        text.into()
    }

    #[test]
    fn each_refusal_is_told_apart() {
        assert!(matches!(meaning(Error::NoEntry), DeviceKeyError::NotFound));
        assert!(matches!(meaning(Error::NoDefaultStore), DeviceKeyError::NoKeyringService(_)));
        assert!(matches!(
            meaning(Error::PlatformFailure(cause("no bus"))),
            DeviceKeyError::NoKeyringService(_)
        ));
        let locked = Error::NoStorageAccess(cause("SS Error: object locked"));
        assert!(matches!(meaning(locked), DeviceKeyError::Locked));
        let dismissed = Error::NoStorageAccess(cause("SS error: prompt dismissed"));
        assert!(matches!(meaning(dismissed), DeviceKeyError::Denied));
    }

    #[test]
    fn a_keyring_that_hangs_counts_as_locked() {
        let (_never, wait) = channel::<()>();
        let asked = answer_within(Duration::from_millis(20), move || {
            let _ = wait.recv();
            Ok(())
        });
        assert!(matches!(asked, Err(DeviceKeyError::Locked)));
    }
}
