//! A request that the operator signs and the auditor answers (spec/fleet-log.md section 3): over the network, or carried
//! by hand.

use super::operator::{is_the_operators, read_key, read_trust};
use super::{CeremonyError, auditor_http};
use crate::hsm::private_file::{Readers, write_whole};
use clap::Args;
use ed25519_dalek::Signer;
use fleet_evidence::folder::FromOperator;
use fleet_evidence::{FleetUrl, Trust};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault_protocol::Signature64;

/// Anchors of 32 devices, under 400 bytes each when indented, and a signature, rounded up.
pub const MAX_ANSWER: usize = 16 * 1024;

/// Who asks, and how the request gets to the auditor.
#[derive(Args, Debug)]
pub struct OperatorArgs {
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

/// Why there is no answer, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error(transparent)]
    Here(#[from] CeremonyError),
    #[error("{auditor} did not answer: {why}. Nothing is lost: run this command again.")]
    Unanswered { auditor: String, why: String },
    #[error("the auditor refused: {0}. Nothing was written.")]
    Refused(String),
    #[error("the auditor's answer cannot be used: {0}. Nothing was written; ask the auditor what happened.")]
    WrongAnswer(String),
}

/// What the auditor says instead of an answer.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Exit codes: 0 done, 1 refused, 2 could not be tried.
pub fn exit(done: Result<String, RequestError>) -> ExitCode {
    match done {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("vault-server: {e}");
            ExitCode::from(if matches!(e, RequestError::Refused(_) | RequestError::WrongAnswer(_)) { 1 } else { 2 })
        }
    }
}

impl OperatorArgs {
    /// The trust document.
    pub fn trust(&self) -> Result<Trust, CeremonyError> {
        read_trust(&self.trust)
    }

    /// Where the request is only written to.
    pub fn request_file(&self) -> Option<&Path> {
        self.way.write_request.as_deref()
    }

    /// Signs a request and gets the answer; none if the request was only written down.
    pub fn ask<Q, A>(&self, path: &str, request: Q, message: &[u8], trust: &Trust) -> Result<Option<A>, RequestError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        let answer = match &self.way {
            Way { answer: Some(file), .. } => read_bounded(file)?,
            Way { write_request: Some(file), .. } => {
                write_new(file, &self.sign(request, message, trust)?)?;
                return Ok(None);
            }
            Way { auditor, .. } => {
                let url = format!("{}/{path}", base(auditor.as_deref().unwrap_or_default(), trust)?);
                auditor_http::post(&url, self.tls_ca.as_deref(), self.sign(request, message, trust)?)?
            }
        };
        let understood = serde_json::from_slice(&answer);
        understood.map(Some).map_err(|e| match refusal(&answer) {
            Some(why) => RequestError::Refused(why),
            None => RequestError::WrongAnswer(e.to_string()),
        })
    }

    fn sign<Q: Serialize>(&self, request: Q, message: &[u8], trust: &Trust) -> Result<Vec<u8>, CeremonyError> {
        let key = read_key(&self.key)?;
        if !is_the_operators(&key, trust) {
            let text = format!("{} is not the operator key of {}", self.key.display(), self.trust.display());
            return Err(CeremonyError::Folder(text));
        }
        let operator_signature = Signature64(key.sign(message).to_bytes());
        let signed = serde_json::to_vec_pretty(&FromOperator { request, operator_signature });
        signed.map_err(|e| CeremonyError::Folder(e.to_string()))
    }
}

/// The auditor's own sentence, if it said one.
pub fn refusal(answer: &[u8]) -> Option<String> {
    let Refusal { error } = serde_json::from_slice(answer).ok()?;
    Some(error.chars().filter(|c| !c.is_control()).take(500).collect())
}

/// The address without its pin, which must be that of the trust document.
fn base(auditor: &str, trust: &Trust) -> Result<String, CeremonyError> {
    let url = FleetUrl::parse(auditor).map_err(|e| CeremonyError::Folder(e.to_string()))?;
    match url.pin {
        Some(pin) if pin != trust.id() => {
            Err(CeremonyError::Folder(format!("{auditor} pins another trust document than the one given")))
        }
        _ => Ok(url.base),
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, CeremonyError> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(CeremonyError::io(path))?;
    file.take(MAX_ANSWER as u64 + 1).read_to_end(&mut bytes).map_err(CeremonyError::io(path))?;
    match bytes.len() <= MAX_ANSWER {
        true => Ok(bytes),
        false => Err(CeremonyError::Folder(format!("{} is longer than {MAX_ANSWER} bytes", path.display()))),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CeremonyError> {
    if path.exists() {
        return Err(CeremonyError::Folder(format!("{} exists already", path.display())));
    }
    write_whole(path, bytes, Readers::Everyone).map_err(CeremonyError::io(path))
}
