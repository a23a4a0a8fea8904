//! `vault-server vouch`: a site lets its device vouch for the next epoch's bundle (spec/evidence.md
//! section 1.1). Nobody else can: the login for it is the site's own.

use crate::audit::MAX_CHAIN;
use crate::config::{Config, ConfigError, Statement};
use crate::node::{BundleError, Bundles};
use clap::Args;
use durable_files::{Readers, read_bounded, write_whole};
use fleet_evidence::device_profile::STATEMENT_AUTH_KEY;
use fleet_evidence::folder::{
    DeviceStatement, Head, MAX_NEW_EPOCH, NewEpoch, Purpose, RequestedStatement,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault_protocol::Bundle;
use yubihsm_device::{
    AuthKey, ConnectorAddress, HsmError, OwnLogin, StatementRequest, StatementSession,
    make_statement,
};

/// Let this site's device vouch for the next epoch. The site may be running.
#[derive(Args, Debug)]
pub struct VouchArgs {
    /// The site's configuration (JSON).
    #[arg(long)]
    config: PathBuf,
    /// `new-epoch.json`, from `renew`.
    #[arg(long)]
    request: PathBuf,
    /// Where the device's statement goes, for `gather-statements`.
    #[arg(long)]
    out: PathBuf,
}

/// Why the device was not asked, or did not answer.
#[derive(Debug, thiserror::Error)]
enum VouchError {
    /// Its configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its bundles cannot be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("it has no request for this site's device")]
    NotAsked,
    #[error("refused: {0}")]
    Refused(&'static str),
    #[error("the configuration names no login for device statements")]
    NoLogin,
    #[error(
        "the login for device statements is not this site's own yet: start the site once with this configuration"
    )]
    NotOwnYet,
    #[error("device {serial}: {source}. Nothing is lost: run this command again.")]
    Device { serial: u32, source: HsmError },
}

/// Exit code 0 done, 1 refused.
pub fn vouch(args: &VouchArgs) -> ExitCode {
    match try_vouch(args) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("vouch: {e}");
            ExitCode::FAILURE
        }
    }
}

fn try_vouch(args: &VouchArgs) -> Result<String, VouchError> {
    let config = Config::read(&args.config)?;
    let request = read(&args.request)?;
    let served = Bundles::read(&config.bundles, config.site, config.sites())?;
    let current = served.newest().bundle.clone();
    let serial = current.site(config.site).and_then(|s| s.device()).map(|d| d.serial);
    let asked = request.of(serial.unwrap_or_default()).ok_or(VouchError::NotAsked)?;
    check(&request.bundle, &current, asked, config.log_anchor).map_err(VouchError::Refused)?;
    let statement = state(&config, &request.bundle, asked)?;
    let text = serde_json::to_vec_pretty(&statement).expect("plain data");
    write_whole(&args.out, &text, Readers::Everyone).map_err(|e| file(&args.out, &e))?;
    let Bundle { epoch, .. } = request.bundle;
    Ok(format!(
        "device {} vouches for bundle {} of epoch {epoch}",
        asked.serial,
        request.bundle.id()
    ))
}

fn read(path: &Path) -> Result<NewEpoch, VouchError> {
    let bytes = read_bounded(path, MAX_NEW_EPOCH).map_err(|e| file(path, &e))?;
    serde_json::from_slice(&bytes).map_err(|e| file(path, &e))
}

fn file(path: &Path, reason: &dyn std::fmt::Display) -> VouchError {
    VouchError::File { path: path.to_path_buf(), reason: reason.to_string() }
}

/// A site vouches for a later epoch of its own keys, and for the end of its own ceremony.
fn check(
    next: &Bundle,
    current: &Bundle,
    asked: &RequestedStatement,
    anchor: Option<Head>,
) -> Result<(), &'static str> {
    next.check_shape().map_err(|_| "the new bundle is not well formed")?;
    if !next.has_keys_of(current) {
        return Err("the new bundle has other keys than this site serves");
    }
    if next.epoch <= current.epoch {
        return Err("the new bundle is of no later epoch");
    }
    if anchor.is_some_and(|anchor| anchor != asked.head) {
        return Err(
            "it is not the end of this device's ceremony (log_anchor) that is to be vouched for",
        );
    }
    Ok(())
}

fn state(
    config: &Config,
    bundle: &Bundle,
    asked: &RequestedStatement,
) -> Result<DeviceStatement, VouchError> {
    let at = |source| VouchError::Device { serial: asked.serial, source };
    let Statement { key_file, device_chain } =
        config.hsm.statement.as_ref().ok_or(VouchError::NoLogin)?;
    let key = AuthKey::read(&login_key_file(config, key_file)?).map_err(at)?;
    let chain = read_bounded(device_chain, MAX_CHAIN).map_err(|e| file(device_chain, &e))?;
    let chain = String::from_utf8(chain).map_err(|e| file(device_chain, &e))?;
    let session =
        StatementSession::new(ConnectorAddress::parse(&config.hsm.connector).map_err(at)?, key);
    let request = StatementRequest {
        serial: asked.serial,
        purpose: Purpose::Ceremony,
        challenge: asked.challenge,
        head: asked.head,
        bundle: bundle.id(),
        device_chain: chain,
    };
    make_statement(&session, request).map_err(at)
}

/// The site's own key, or the ceremony's while the site never started. In between a statement would
/// stop the site: its log may show none by a login that is not the site's own yet.
fn login_key_file(config: &Config, ceremony_key: &Path) -> Result<PathBuf, VouchError> {
    let login = |id, key_file| OwnLogin::new(id, key_file, &config.state_dir);
    let statement = login(STATEMENT_AUTH_KEY, ceremony_key);
    let operational = login(config.hsm.auth_key, &config.hsm.key_file);
    match operational.is_made() && !statement.is_made() {
        true => Err(VouchError::NotOwnYet),
        false => Ok(statement.newest_file()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vault_protocol::Point;

    /// Of the vector that pins bundles: epoch 2, keys since epoch 1.
    fn bundle() -> Bundle {
        let vector: serde_json::Value =
            serde_json::from_str(include_str!("../../spec/validation-bundle.json")).unwrap();
        serde_json::from_value(vector["bundle"].clone()).unwrap()
    }

    #[test]
    fn a_site_vouches_for_a_later_epoch_of_its_own_keys_alone() {
        let head = Head { number: 40, digest: [7; 16] };
        let asked = RequestedStatement { serial: 1001, challenge: [1; 32], head };
        let next = Bundle { epoch: 3, ..bundle() };
        assert_eq!(check(&next, &bundle(), &asked, Some(head)), Ok(()));
        assert_eq!(check(&next, &bundle(), &asked, None), Ok(()));

        let other_keys = Bundle { fleet_key: Point([9; 65]), ..next.clone() };
        let misshapen = Bundle { threshold: 1, ..next.clone() };
        let elsewhere = Some(Head { number: 41, ..head });
        let wrong = [
            ("other keys", check(&other_keys, &bundle(), &asked, None)),
            ("no later epoch", check(&bundle(), &bundle(), &asked, None)),
            ("not well formed", check(&misshapen, &bundle(), &asked, None)),
            ("not the end", check(&next, &bundle(), &asked, elsewhere)),
        ];
        for (expected, refused) in wrong {
            assert!(refused.is_err_and(|why| why.contains(expected)), "{expected}");
        }
    }
}
