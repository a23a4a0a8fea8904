//! A request that the operator signs and the auditor answers (spec/fleet-log.md section 3): over
//! the network, or carried by hand.

use super::answer::{MAX_ANSWER, RequestError, refusal};
use super::http;
use crate::error::OperatorError;
use crate::keys::{is_the_operators, read_key, read_trust};
use clap::Args;
use durable_files::{Readers, read_bounded, write_whole};
use ed25519_dalek::Signer;
use fleet_evidence::folder::FromOperator;
use fleet_evidence::{FleetUrl, Trust};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use vault_protocol::Signature64;

/// Who asks, and how the request gets to the auditor.
#[derive(Args, Debug)]
pub(super) struct OperatorArgs {
    /// From `operator-key`.
    #[arg(long)]
    key: PathBuf,
    /// The trust document, with the auditor's key.
    #[arg(long)]
    trust: PathBuf,
    #[command(flatten)]
    way: Way,
    /// PEM file with the root of the auditor's TLS certificate, if this system does not know it.
    #[arg(long, requires = "auditor")]
    tls_ca: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Way {
    /// The auditor's address, such as https://auditor.example, with or without a pin.
    #[arg(long)]
    auditor: Option<String>,
    /// Ask nobody: write the signed request to this new file, to be carried to the auditor.
    #[arg(long)]
    write_request: Option<PathBuf>,
    /// Ask nobody: this file is the auditor's answer, which was carried here.
    #[arg(long)]
    answer: Option<PathBuf>,
}

impl OperatorArgs {
    /// The trust document.
    pub(super) fn trust(&self) -> Result<Trust, OperatorError> {
        read_trust(&self.trust)
    }

    /// Where the request is only written to.
    pub(super) fn request_file(&self) -> Option<&Path> {
        self.way.write_request.as_deref()
    }

    /// Signs a request and gets the answer; none if the request was only written down.
    pub(super) fn ask<Q, A>(
        &self,
        path: &str,
        request: Q,
        message: &[u8],
        trust: &Trust,
    ) -> Result<Option<A>, RequestError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        let answer = match &self.way {
            Way { answer: Some(file), .. } => {
                read_bounded(file, MAX_ANSWER as u64).map_err(OperatorError::io(file))?
            }
            Way { write_request: Some(file), .. } => {
                write_new(file, &self.sign(request, message, trust)?)?;
                return Ok(None);
            }
            Way { auditor, .. } => {
                let url =
                    format!("{}/{path}", base(auditor.as_deref().unwrap_or_default(), trust)?);
                http::post(&url, self.tls_ca.as_deref(), self.sign(request, message, trust)?)?
            }
        };
        let understood = serde_json::from_slice(&answer);
        understood.map(Some).map_err(|e| match refusal(&answer) {
            Some(why) => RequestError::Refused(why),
            None => RequestError::WrongAnswer(e.to_string()),
        })
    }

    fn sign<Q: Serialize>(
        &self,
        request: Q,
        message: &[u8],
        trust: &Trust,
    ) -> Result<Vec<u8>, OperatorError> {
        let key = read_key(&self.key)?;
        if !is_the_operators(&key, trust) {
            let text = format!(
                "{} is not the operator key of {}",
                self.key.display(),
                self.trust.display()
            );
            return Err(OperatorError::Folder(text));
        }
        let operator_signature = Signature64(key.sign(message).to_bytes());
        let signed = serde_json::to_vec_pretty(&FromOperator { request, operator_signature });
        signed.map_err(|e| OperatorError::Folder(e.to_string()))
    }
}

/// The address without its pin, which must be that of the trust document.
fn base(auditor: &str, trust: &Trust) -> Result<String, OperatorError> {
    let url = FleetUrl::parse(auditor).map_err(|e| OperatorError::Folder(e.to_string()))?;
    match url.pin {
        Some(pin) if pin != trust.id() => Err(OperatorError::Folder(format!(
            "{auditor} pins another trust document than the one given"
        ))),
        _ => Ok(url.base),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), OperatorError> {
    if path.exists() {
        return Err(OperatorError::Folder(format!("{} exists already", path.display())));
    }
    write_whole(path, bytes, Readers::Everyone).map_err(OperatorError::io(path))
}
