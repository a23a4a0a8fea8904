//! Places for backups that are no folder: named once, with who the person is there.

use super::destinations::{Destination, address, new_store, try_place};
use super::place_kind::kind_of;
use crate::model::PlaceView;
use crate::progress::blocking;
use crate::{Keepsake, RecoverySecret, Result};
use remote_stores::{Address, Credentials};
use std::collections::BTreeSet;

/// Who the person is to a place: user and password, access key and its secret, or for SFTP the path
/// of a key file.
pub struct PlaceLogin {
    pub name: String,
    pub secret: RecoverySecret,
}

/// Tries a place: a small file is written, read, listed and deleted there. A login that works is
/// stored, sealed under this computer's key. Nothing is backed up yet.
///
/// # Errors
/// `bad_place`, `place_login_missing`, `place_refused`, `place_unreachable`, `place_unsuitable`,
/// `no_rclone`, …: nothing was stored.
pub async fn add_place(
    keepsake: &Keepsake,
    repo: &str,
    login: Option<PlaceLogin>,
) -> Result<PlaceView> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    let login =
        login.map(|l| Credentials { name: l.name, secret: l.secret.expose().to_string().into() });
    blocking(move || {
        match &login {
            _ if !Address::is_remote(&url) => drop(new_store(&keepsake, &url)?),
            Some(login) => {
                try_place(&url, Some(login))?;
                keepsake.keep_place_login(&url, login)?;
            }
            None => try_place(&url, keepsake.place_login(&url)?.as_ref())?,
        }
        Ok(view(url, &keepsake.destinations()?, &keepsake.places_with_login()?))
    })
    .await
}

/// Every place that this computer backed up to, or has a login for.
pub async fn places(keepsake: &Keepsake) -> Result<Vec<PlaceView>> {
    let keepsake = keepsake.clone();
    blocking(move || {
        let known = keepsake.destinations()?;
        let logins = keepsake.places_with_login()?;
        let addresses: BTreeSet<&String> = known.iter().map(|d| &d.url).chain(&logins).collect();
        Ok(addresses.into_iter().map(|url| view(url.clone(), &known, &logins)).collect())
    })
    .await
}

/// Forgets a place here, and the login for it. What is backed up there stays.
pub async fn forget_place(keepsake: &Keepsake, repo: &str) -> Result<()> {
    let (keepsake, url) = (keepsake.clone(), address(repo)?);
    blocking(move || {
        keepsake.forget_place_login(&url)?;
        keepsake.forget_place_memory(&url)?;
        keepsake.forget_destination(&url)
    })
    .await
}

fn view(url: String, known: &[Destination], logins: &[String]) -> PlaceView {
    let last_backup = known.iter().find(|d| d.url == url).and_then(|d| d.last_backup);
    let kind = kind_of(&url);
    let has_login = logins.contains(&url);
    PlaceView { url, kind, has_login, last_backup: last_backup.map(|at| at as i64) }
}
