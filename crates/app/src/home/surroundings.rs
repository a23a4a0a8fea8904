//! What Keepsake finds around it on a computer: a clock, a network, a place for the computer's key,
//! security keys.

use crate::fleet::Internet;
use crate::home::SystemClock;
use crate::{Clock, KeyStore, Network};
use remote_stores::Credentials;
use std::path::PathBuf;
use std::sync::Arc;

/// Names the socket of a MOCK security key (`key-mock`), for tests and rehearsals.
const MOCK_KEY: &str = "KEEPSAKE_MOCK_SECURITY_KEY";
const PLACE_NAME: &str = "KEEPSAKE_PLACE_NAME";
const PLACE_SECRET: &str = "KEEPSAKE_PLACE_SECRET";

/// What a home is opened with. Tests bring their own.
pub struct Surroundings {
    pub network: Arc<dyn Network>,
    pub clock: Arc<dyn Clock>,
    /// For the key of a home that is made now; `None`: the keyring, or a file where there is none.
    pub key_store: Option<KeyStore>,
    /// Socket of a MOCK security key; `None`: those at the USB port.
    pub mock_security_key: Option<PathBuf>,
    /// For places of backups, in place of what is stored of them.
    pub place_login: Option<Credentials>,
}

impl Surroundings {
    /// The internet, and what the environment says.
    pub fn of_this_computer() -> Self {
        Self {
            network: Arc::new(Internet),
            clock: Arc::new(SystemClock),
            key_store: KeyStore::of_environment(),
            mock_security_key: std::env::var_os(MOCK_KEY).map(PathBuf::from),
            place_login: place_login(),
        }
    }
}

fn place_login() -> Option<Credentials> {
    let name = std::env::var(PLACE_NAME).ok()?;
    let secret = std::env::var(PLACE_SECRET).unwrap_or_default();
    Some(Credentials { name, secret: secret.into() })
}
