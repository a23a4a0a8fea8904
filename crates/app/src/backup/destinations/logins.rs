//! `place-logins.json`: who the person is to the places of their backups, each sealed under this
//! computer's own key.

use crate::{AppError, Keepsake, NextStep, Result};
use durable_files::{Format, State};
use rand_core::OsRng;
use remote_stores::Credentials;
use sealed_keys::{open_box, seal_box};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FILE: &str = "place-logins.json";
const LABEL: &str = "home-place-logins";
/// Longer than any service's.
const MAX_TEXT: usize = 2048;

#[derive(Serialize, Deserialize)]
struct LoginsFile {
    /// Address of the place, and hex of the sealed [`Plain`]. The address is bound to it.
    logins: BTreeMap<String, String>,
}

impl State for LoginsFile {
    const FORMAT: Format = Format::Typed { name: "keepsake/place-logins", version: 1 };
    /// A hundred places with the longest names and secrets.
    const MAX_BYTES: u64 = 1024 * 1024;
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Plain {
    name: String,
    secret: String,
}

impl Keepsake {
    /// The login of a place: what the environment says, or what was stored.
    pub(crate) fn place_login(&self, address: &str) -> Result<Option<Credentials>> {
        if let Some(login) = self.given_place_login() {
            return Ok(Some(login.clone()));
        }
        let Some(sealed) = self.logins()?.remove(address) else { return Ok(None) };
        let sealed = hex::decode(sealed).map_err(|e| damaged(&e))?;
        let key = self.local_key().data_key(LABEL);
        let mut opened = Zeroizing::new(open_box(&key, LABEL, &[address.as_bytes()], &sealed)?);
        let mut plain: Plain = serde_json::from_slice(&opened).map_err(|e| damaged(&e))?;
        opened.zeroize();
        let secret = std::mem::take(&mut plain.secret).into();
        Ok(Some(Credentials { name: std::mem::take(&mut plain.name), secret }))
    }

    pub(crate) fn keep_place_login(&self, address: &str, login: &Credentials) -> Result<()> {
        if login.name.len() > MAX_TEXT || login.secret.len() > MAX_TEXT {
            let happened = "The name or the password is longer than any.";
            return Err(AppError::new(
                "usage",
                happened,
                "Nothing was stored.",
                NextStep::CheckPlaceLogin,
            ));
        }
        let plain = Plain { name: login.name.clone(), secret: login.secret.to_string() };
        let plain = Zeroizing::new(serde_json::to_vec(&plain).expect("plain data"));
        let key = self.local_key().data_key(LABEL);
        let sealed = hex::encode(seal_box(&key, LABEL, &[address.as_bytes()], &plain, &mut OsRng));
        let mut logins = self.logins()?;
        logins.insert(address.to_string(), sealed);
        self.write_logins(logins)
    }

    /// Addresses of the places whose logins are stored.
    pub(crate) fn places_with_login(&self) -> Result<Vec<String>> {
        Ok(self.logins()?.into_keys().collect())
    }

    pub(crate) fn forget_place_login(&self, address: &str) -> Result<()> {
        let mut logins = self.logins()?;
        match logins.remove(address) {
            Some(_) => self.write_logins(logins),
            None => Ok(()),
        }
    }

    fn logins(&self) -> Result<BTreeMap<String, String>> {
        let file: Option<LoginsFile> = self.read_state(FILE).map_err(|e| damaged(&e))?;
        Ok(file.map(|file| file.logins).unwrap_or_default())
    }

    fn write_logins(&self, logins: BTreeMap<String, String>) -> Result<()> {
        self.write_state(FILE, &LoginsFile { logins })
    }
}

fn damaged(why: &dyn std::fmt::Display) -> AppError {
    AppError::damaged(FILE, why, NextStep::GivePlaceLogin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStore, Surroundings};

    fn home(dir: &std::path::Path) -> Keepsake {
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        Keepsake::open_in(dir, around).unwrap()
    }

    fn login(secret: &str) -> Credentials {
        Credentials { name: "ann".into(), secret: secret.to_string().into() }
    }

    #[test]
    fn a_login_is_sealed_and_comes_back_for_its_place_alone() {
        let dir = tempfile::tempdir().unwrap();
        let keepsake = home(dir.path());
        keepsake.keep_place_login("https://a.example/", &login("hunter2-of-a")).unwrap();
        keepsake.keep_place_login("https://b.example/", &login("hunter2-of-b")).unwrap();
        let stored = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert!(!stored.contains("hunter2") && !stored.contains("ann"), "{stored}");
        let again = home(dir.path());
        assert_eq!(again.place_login("https://a.example/").unwrap(), Some(login("hunter2-of-a")));
        again.forget_place_login("https://a.example/").unwrap();
        assert_eq!(again.place_login("https://a.example/").unwrap(), None);
        assert_eq!(again.place_login("https://b.example/").unwrap(), Some(login("hunter2-of-b")));
    }

    #[test]
    fn a_login_moved_to_another_address_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let keepsake = home(dir.path());
        keepsake.keep_place_login("https://a.example/", &login("of a")).unwrap();
        let file = dir.path().join(FILE);
        let moved = std::fs::read_to_string(&file).unwrap().replace("a.example", "evil.example");
        std::fs::write(&file, moved).unwrap();
        assert!(keepsake.place_login("https://evil.example/").is_err());
    }
}
