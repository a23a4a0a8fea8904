//! One certificate: what it says, and whether it may say so.

use super::pem::{BEGIN, END};
use super::public_key::{PublicKeyKind, key_kind};
use crate::{Unreadable, bounded};
use sha2::{Digest, Sha256};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::AlgorithmIdentifierOwned;

/// Yubico's are under 1.5 KiB; twice that and some.
const MAX_CERTIFICATE: usize = 4096;
/// Device certificate, intermediates and root: Yubico's chains have three.
const MAX_CHAIN: usize = 8;
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

/// One X.509 certificate that could be read. Nothing in it is believed until its chain is verified.
#[derive(Clone, Debug)]
pub struct Certificate {
    parsed: x509_cert::Certificate,
    der: Vec<u8>,
    /// The signed part, exactly as in `der`.
    tbs: Vec<u8>,
}

impl Certificate {
    /// Reads one DER certificate.
    ///
    /// # Errors
    /// Too large, not X.509, or bytes left over.
    pub fn from_der(der: &[u8]) -> Result<Self, Unreadable> {
        bounded("certificate", der, MAX_CERTIFICATE)?;
        let bad = |e: x509_cert::der::Error| Unreadable::malformed("certificate", e);
        let parsed = x509_cert::Certificate::from_der(der).map_err(bad)?;
        let tbs = signed_part(der).map_err(bad)?;
        Ok(Self { parsed, der: der.to_vec(), tbs })
    }

    /// Reads all certificates of a PEM text, in order.
    ///
    /// # Errors
    /// None, more than eight, or one that cannot be read.
    pub fn from_pem(text: &str) -> Result<Vec<Self>, Unreadable> {
        bounded("PEM text", text.as_bytes(), MAX_CHAIN * MAX_CERTIFICATE * 2)?;
        let bad = |why: &str| Unreadable::malformed("PEM text", why);
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(BEGIN) {
            let end = rest[start..].find(END).ok_or_else(|| bad("a certificate has no end"))?
                + start
                + END.len();
            let (_, der) = x509_cert::der::pem::decode_vec(&rest.as_bytes()[start..end])
                .map_err(|_| bad("not base64"))?;
            out.push(Self::from_der(&der)?);
            if out.len() > MAX_CHAIN {
                return Err(bad("too many certificates"));
            }
            rest = &rest[end..];
        }
        if out.is_empty() { Err(bad("it holds no certificate")) } else { Ok(out) }
    }

    /// SHA-256 of the DER bytes.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// Text of the common name, for reports.
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate.subject.to_string()
    }

    /// The public key as an uncompressed point, if it is one of P-256.
    pub fn p256_point(&self) -> Option<[u8; 65]> {
        if self.key_kind().ok()? != PublicKeyKind::P256 {
            return None;
        }
        let point: [u8; 65] = self.key_bytes()?.try_into().ok()?;
        p256::PublicKey::from_sec1_bytes(&point).ok().map(|_| point)
    }

    pub(super) fn key_kind(&self) -> Result<PublicKeyKind, String> {
        key_kind(&self.parsed.tbs_certificate.subject_public_key_info.algorithm)
    }

    pub(super) fn key_bytes(&self) -> Option<&[u8]> {
        self.parsed.tbs_certificate.subject_public_key_info.subject_public_key.as_bytes()
    }

    pub(super) fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    pub(super) fn signature(&self) -> Result<(&AlgorithmIdentifierOwned, &[u8]), String> {
        if self.parsed.signature_algorithm != self.parsed.tbs_certificate.signature {
            return Err("two different signature algorithms are named".into());
        }
        let bits = self.parsed.signature.as_bytes().ok_or("the signature is not whole bytes")?;
        Ok((&self.parsed.signature_algorithm, bits))
    }

    /// Is `issuer` named as the one who signed this?
    pub(super) fn names_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate.issuer == issuer.parsed.tbs_certificate.subject
    }

    pub(super) fn check_valid_at(&self, now: u64) -> Result<(), String> {
        let validity = &self.parsed.tbs_certificate.validity;
        let from = validity.not_before.to_unix_duration().as_secs();
        let until = validity.not_after.to_unix_duration().as_secs();
        if (from..=until).contains(&now) {
            Ok(())
        } else {
            Err(format!("valid from {from} to {until}, it is {now}"))
        }
    }

    /// May sign certificates, with at most `below` further authorities between it and the end.
    pub(super) fn check_authority(&self, below: u8) -> Result<(), String> {
        let constraints = self
            .extension(BASIC_CONSTRAINTS)?
            .ok_or("it is not an authority: no basic constraints")?;
        let constraints = BasicConstraints::from_der(constraints).map_err(|e| e.to_string())?;
        if !constraints.ca {
            return Err("it is not an authority".into());
        }
        if constraints.path_len_constraint.is_some_and(|limit| limit < below) {
            return Err(format!("{below} authorities below it are more than it allows"));
        }
        match self.extension(KEY_USAGE)? {
            None => Ok(()),
            Some(usage) => match KeyUsage::from_der(usage).map(|u| u.key_cert_sign()) {
                Ok(true) => Ok(()),
                _ => Err("its key may not sign certificates".into()),
            },
        }
    }

    /// Contents of an extension; twice the same is an error.
    pub(super) fn extension(&self, id: ObjectIdentifier) -> Result<Option<&[u8]>, String> {
        let extensions = self.parsed.tbs_certificate.extensions.as_deref().unwrap_or_default();
        let mut found = extensions.iter().filter(|e| e.extn_id == id);
        let first = found.next();
        if found.next().is_some() {
            return Err(format!("extension {id} occurs twice"));
        }
        Ok(first.map(|e| e.extn_value.as_bytes()))
    }

    /// No critical extension that this verifier does not know (RFC 5280 section 4.2).
    pub(super) fn check_critical(&self) -> Result<(), String> {
        let extensions = self.parsed.tbs_certificate.extensions.as_deref().unwrap_or_default();
        let known = [BASIC_CONSTRAINTS, KEY_USAGE];
        match extensions.iter().find(|e| e.critical && !known.contains(&e.extn_id)) {
            Some(unknown) => Err(format!("unknown critical extension {}", unknown.extn_id)),
            None => Ok(()),
        }
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

/// The first element of the outer sequence, byte for byte: a re-encoding could differ from what was
/// signed.
fn signed_part(der: &[u8]) -> x509_cert::der::Result<Vec<u8>> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|inner| {
        let tbs = inner.tlv_bytes()?.to_vec();
        while !inner.is_finished() {
            inner.tlv_bytes()?;
        }
        Ok(tbs)
    })
}
