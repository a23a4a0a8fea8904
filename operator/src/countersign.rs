//! The operator's half of a bundle's two signatures.

use crate::error::OperatorError;
use crate::files;
use crate::keys::{auditor_key, is_the_operators, read_key, read_trust};
use clap::Args;
use durable_files::{Readers, write_whole};
use ed25519_dalek::{Signature, Signer, SigningKey};
use fleet_evidence::Trust;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault_protocol::{
    Auditor, Bundle, BundleId, Operator, Signature64, SignedBundle, auditor_message,
    operator_message,
};

/// Signs the auditor's signature of our own bundle.
#[derive(Args, Debug)]
pub struct CountersignArgs {
    /// From `operator-key`.
    #[arg(long)]
    key: PathBuf,
    /// The bundle as the ceremony wrote it.
    #[arg(long)]
    bundle: PathBuf,
    /// What `auditor sign` answered.
    #[arg(long)]
    signed: PathBuf,
    /// The trust document, with the auditor's key.
    #[arg(long)]
    trust: PathBuf,
    /// Where the document for `auditor publish` goes.
    #[arg(long)]
    out: PathBuf,
}

/// The auditor's answer.
#[derive(Deserialize)]
struct AuditorsAnswer {
    epoch: u64,
    bundle: BundleId,
    timestamp: u64,
    signature: Signature64,
}

/// Exit code 0 done, 1 refused.
pub fn countersign(args: &CountersignArgs) -> ExitCode {
    match try_countersign(args) {
        Ok(id) => {
            println!("countersigned bundle {id}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn try_countersign(args: &CountersignArgs) -> Result<BundleId, OperatorError> {
    let bytes = files::read(&args.bundle)?;
    let bundle = Bundle::from_json(&bytes)
        .map_err(|e| OperatorError::Folder(format!("{}: {e}", args.bundle.display())))?;
    let answer: AuditorsAnswer = read_json(&args.signed)?;
    let trust = read_trust(&args.trust)?;
    let key = read_key(&args.key)?;
    let signed = sign(&key, bundle, answer, &trust)
        .map_err(|why| OperatorError::Folder(format!("refused: {why}")))?;
    let bytes = serde_json::to_vec_pretty(&signed).expect("plain data");
    write_whole(&args.out, &bytes, Readers::Everyone).map_err(OperatorError::io(&args.out))?;
    Ok(signed.bundle.id())
}

fn sign(
    key: &SigningKey,
    bundle: Bundle,
    answer: AuditorsAnswer,
    trust: &Trust,
) -> Result<SignedBundle, &'static str> {
    if !is_the_operators(key, trust) {
        return Err("this is not the operator key of the trust document");
    }
    if (answer.bundle, answer.epoch) != (bundle.id(), bundle.epoch) {
        return Err("the auditor signed another bundle");
    }
    let message = auditor_message(&bundle.namespace, bundle.epoch, answer.timestamp, &bundle.id());
    let signature = Signature::from_bytes(&answer.signature.0);
    let auditor = auditor_key(trust).ok_or("the trust document has no usable auditor key")?;
    if auditor.verify_strict(&message, &signature).is_err() {
        return Err("the auditor's signature does not fit");
    }
    let operator = Signature64(key.sign(&operator_message(&answer.signature)).to_bytes());
    Ok(SignedBundle {
        bundle,
        auditor: Auditor { timestamp: answer.timestamp, signature: answer.signature },
        operator: Operator { signature: operator },
        log_proof: String::new(),
    })
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, OperatorError> {
    let bytes = files::read(path)?;
    serde_json::from_slice(&bytes)
        .map_err(|e| OperatorError::Folder(format!("{}: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet_evidence::{TRUST_TYPE, TrustDocument};
    use rand_core::OsRng;

    fn bundle() -> Bundle {
        Bundle {
            kind: vault_protocol::BUNDLE_TYPE.into(),
            namespace: "mock.keepsake".into(),
            fleet_id: vault_protocol::FleetId([1; 16]),
            epoch: 1,
            threshold: 2,
            policy: vault_protocol::GuessPolicy::Balanced,
            fleet_key: vault_protocol::Point([4; 65]),
            sites: vec![],
            not_before: 1,
            not_after: 2,
            previous: None,
            evidence: vault_protocol::Evidence { digest: BundleId([3; 32]), url: String::new() },
            revoked_epochs: vec![],
            keys_since: None,
        }
    }

    fn answer(auditor: &SigningKey, bundle: &Bundle) -> AuditorsAnswer {
        let message = auditor_message(&bundle.namespace, bundle.epoch, 7, &bundle.id());
        let signature = Signature64(auditor.sign(&message).to_bytes());
        AuditorsAnswer { epoch: bundle.epoch, bundle: bundle.id(), timestamp: 7, signature }
    }

    fn trust(auditor: &SigningKey, operator: &SigningKey) -> Trust {
        let hex_key = |key: &SigningKey| hex::encode(key.verifying_key().as_bytes());
        let document = TrustDocument {
            kind: TRUST_TYPE.into(),
            namespace: "mock.keepsake".into(),
            auditor_key: hex_key(auditor),
            operator_key: hex_key(operator),
            log_key: String::new(),
            attestation_roots: vec![],
            mock: true,
            minimum_firmware: "2.3.1".into(),
            tls_ca: None,
        };
        Trust::new(document).unwrap()
    }

    #[test]
    fn the_operator_signs_only_what_the_auditor_signed_of_its_own_bundle() {
        let (auditor, operator) =
            (SigningKey::generate(&mut OsRng), SigningKey::generate(&mut OsRng));
        let trust = trust(&auditor, &operator);
        let signed = sign(&operator, bundle(), answer(&auditor, &bundle()), &trust).unwrap();
        let message = operator_message(&signed.auditor.signature);
        let signature = Signature::from_bytes(&signed.operator.signature.0);
        assert!(operator.verifying_key().verify_strict(&message, &signature).is_ok());

        let other = Bundle { epoch: 2, ..bundle() };
        assert!(sign(&operator, bundle(), answer(&auditor, &other), &trust).is_err());
        assert!(sign(&operator, bundle(), answer(&operator, &bundle()), &trust).is_err());
        assert!(sign(&auditor, bundle(), answer(&auditor, &bundle()), &trust).is_err());
    }
}
