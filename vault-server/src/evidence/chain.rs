//! The certificates above a device's own, up to its maker's root.

use crate::ceremony::{CeremonyError, FACTORY_CERTIFICATE, OutFolder};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// SHA-256 of Yubico's YubiHSM root certificate, as Yubico publishes it
/// (developers.yubico.com/YubiHSM2/Concepts/Attestation.html).
const YUBICO_ROOT: &str = "094a3ac493c2bdcd65a54bdf40190f52bb03f7156397a3fc69d8aa9a392fb724";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Intermediates and root, DER, in this order.
pub struct ChainAbove(Vec<Vec<u8>>);

impl ChainAbove {
    /// Reads the certificates of PEM files.
    ///
    /// # Errors
    /// A file cannot be read or holds no certificate.
    pub fn read(paths: &[PathBuf]) -> Result<Self, CeremonyError> {
        let mut certificates = vec![];
        for path in paths {
            let text =
                std::fs::read_to_string(path).map_err(|source| CeremonyError::Io { path: path.clone(), source })?;
            let found = from_pem(&text)
                .filter(|c| !c.is_empty())
                .ok_or_else(|| CeremonyError::Folder(format!("{}: no PEM certificate", path.display())))?;
            certificates.extend(found);
        }
        Ok(Self(certificates))
    }

    /// True unless the chain ends at Yubico's own root: whatever else it ends at is not hardware.
    pub fn is_mock(&self) -> bool {
        self.0.last().is_none_or(|root| hex::encode(Sha256::digest(root)) != YUBICO_ROOT)
    }

    /// PEM: the device's certificate, then these.
    ///
    /// # Errors
    /// The device's certificate was not kept.
    pub fn with_device(&self, out: &OutFolder, serial: u32) -> Result<String, CeremonyError> {
        let path = out.device(serial, FACTORY_CERTIFICATE);
        let device = std::fs::read(&path).map_err(|source| CeremonyError::Io { path, source })?;
        Ok(std::iter::once(&device).chain(&self.0).map(|der| pem(der)).collect())
    }
}

/// One certificate in PEM (RFC 7468).
pub fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|i| &text[i..text.len().min(i + 64)]).collect();
    format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
}

fn from_pem(text: &str) -> Option<Vec<Vec<u8>>> {
    let decode = |block: &str| {
        let body: String = block.split(END).next()?.split_whitespace().collect();
        BASE64_STANDARD.decode(body).ok()
    };
    text.split(BEGIN).skip(1).map(decode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_survive_pem() {
        let (a, b) = (vec![1; 100], vec![2; 3]);
        let text = format!("a comment\n{}{}", pem(&a), pem(&b));
        assert_eq!(from_pem(&text), Some(vec![a, b]));
        assert_eq!(from_pem("nothing"), Some(vec![]));
    }

    #[test]
    fn any_other_root_than_yubicos_is_a_mock() {
        assert!(ChainAbove(vec![vec![1]]).is_mock());
        assert!(ChainAbove(vec![]).is_mock());
    }
}
