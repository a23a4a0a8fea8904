//! Opens a site's device with logins that only this site can open.

use crate::config::{Config, Statement};
use crate::node::{self, NodeError};
use fleet_evidence::device_profile::STATEMENT_AUTH_KEY;
use std::path::PathBuf;
use yubihsm_device::{
    AuthKey, ConnectorAddress, LoginSessions, OwnLogin, SiteSession, SiteSessionOptions,
};

/// Makes the device's logins the site's own if they are not yet, and opens the device. The
/// configuration that is returned names the site's own key files.
///
/// The operational login comes first, and neither is used before it was changed: so the device's
/// log shows two changes right after the ceremony, and then the site's work.
///
/// # Errors
/// The state directory is not this site's, a key file cannot be used, or the device refuses; see
/// [`OwnLogin::make`].
pub fn open(config: &Config) -> Result<(SiteSession, Config), NodeError> {
    node::check_state(config)?;
    let connector = ConnectorAddress::parse(&config.hsm.connector)?;
    let mut own = config.clone();
    for (id, key_file) in logins(&mut own) {
        let login = OwnLogin::new(id, key_file, &config.state_dir);
        login.make(&LoginSessions::new(&connector, id), &|_| Ok(()))?;
        *key_file = login.key_file();
    }
    let options = SiteSessionOptions {
        auth_key_id: own.hsm.auth_key,
        auth_key: AuthKey::read(&own.hsm.key_file)?,
        mock: own.hsm.mock,
        connector,
    };
    Ok((SiteSession::open(options)?, own))
}

/// The logins that the configuration has keys for, in the order in which they are changed.
fn logins(config: &mut Config) -> impl Iterator<Item = (u16, &mut PathBuf)> {
    let hsm = &mut config.hsm;
    let statement =
        hsm.statement.as_mut().map(|Statement { key_file, .. }| (STATEMENT_AUTH_KEY, key_file));
    std::iter::once((hsm.auth_key, &mut hsm.key_file)).chain(statement)
}
