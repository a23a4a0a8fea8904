//! The certificates above a device's own, up to its maker's root.

use crate::error::OperatorError;
use crate::files;
use crate::out_folder::OutFolder;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fleet_evidence::attestation::{YUBICO_ROOT_SHA256, pem};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Intermediates and root, DER, in this order.
pub(crate) struct ChainAbove(Vec<Vec<u8>>);

impl ChainAbove {
    /// Reads the certificates of PEM files.
    ///
    /// # Errors
    /// A file cannot be read or holds no certificate.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, OperatorError> {
        let mut certificates = vec![];
        for path in paths {
            let bytes = files::read(path)?;
            let text = String::from_utf8_lossy(&bytes);
            let found = from_pem(&text).filter(|c| !c.is_empty()).ok_or_else(|| {
                OperatorError::Folder(format!("{}: no PEM certificate", path.display()))
            })?;
            certificates.extend(found);
        }
        Ok(Self(certificates))
    }

    /// True unless the chain ends at Yubico's own root: whatever else it ends at is not hardware.
    pub(crate) fn is_mock(&self) -> bool {
        self.0.last().is_none_or(|root| Sha256::digest(root)[..] != YUBICO_ROOT_SHA256)
    }

    /// PEM: the device's certificate, then these.
    ///
    /// # Errors
    /// The device's certificate was not kept.
    pub(crate) fn with_device(
        &self,
        out: &OutFolder,
        serial: u32,
    ) -> Result<String, OperatorError> {
        let path = out.factory_certificate(serial);
        let device = files::read(&path)?;
        Ok(std::iter::once(&device).chain(&self.0).map(|der| pem(der)).collect())
    }
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
