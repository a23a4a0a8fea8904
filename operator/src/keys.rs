//! The operator's key, and those that the trust document names.

use crate::error::OperatorError;
use clap::Args;
use durable_files::{Readers, read_private, write_whole};
use ed25519_dalek::{SigningKey, VerifyingKey};
use fleet_evidence::Trust;
use rand_core::OsRng;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Makes the operator's Ed25519 key and prints the public half.
#[derive(Args, Debug)]
pub struct OperatorKeyArgs {
    /// New file, mode 0600.
    #[arg(long)]
    out: PathBuf,
}

/// Exit code 0 done, 1 refused.
pub fn operator_key(args: &OperatorKeyArgs) -> ExitCode {
    match make_key(&args.out) {
        Ok(public) => {
            println!("{public}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn make_key(path: &Path) -> Result<String, OperatorError> {
    if path.exists() {
        return Err(OperatorError::Folder(format!("{} exists already", path.display())));
    }
    let key = SigningKey::generate(&mut OsRng);
    let text = Zeroizing::new(hex::encode(key.as_bytes()));
    write_whole(path, text.as_bytes(), Readers::Owner).map_err(OperatorError::io(path))?;
    Ok(hex::encode(key.verifying_key().as_bytes()))
}

/// Reads the operator's private key.
///
/// # Errors
/// [`OperatorError::Io`] if the file cannot be read or others may read it,
/// [`OperatorError::Folder`] if it is no key.
pub fn read_key(path: &Path) -> Result<SigningKey, OperatorError> {
    let text = read_private(path, 128).map_err(OperatorError::io(path))?;
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), seed.as_mut())
        .map_err(|_| OperatorError::Folder(format!("{}: not an operator key", path.display())))?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Reads a trust document.
///
/// # Errors
/// [`OperatorError::Io`], or [`OperatorError::Folder`] if it is none.
pub fn read_trust(path: &Path) -> Result<Trust, OperatorError> {
    let bytes = crate::files::read(path)?;
    Trust::from_json(&bytes).map_err(|e| OperatorError::Folder(format!("{}: {e}", path.display())))
}

/// Requests and counter-signatures by another key would be refused by everyone else.
pub fn is_the_operators(key: &SigningKey, trust: &Trust) -> bool {
    hex::encode(key.verifying_key().as_bytes()) == trust.document().operator_key
}

/// The auditor's public key, if the document's is one.
pub fn auditor_key(trust: &Trust) -> Option<VerifyingKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(&trust.document().auditor_key, &mut bytes).ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}
