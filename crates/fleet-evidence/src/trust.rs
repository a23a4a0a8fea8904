//! The trust document: the keys a client pins (spec/validation-bundle.md section 2).

use crate::{Unreadable, bounded};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Value of `type` in every trust document of this version.
pub const TRUST_TYPE: &str = "keepsake/trust/v1";
/// Eight attestation roots and a TLS root at under 4 KiB each, rounded up.
const MAX_TRUST: usize = 64 * 1024;
/// Yubico has one root; a second may come, and a mock adds one.
const MAX_ROOTS: usize = 8;

/// The JSON form of the keys a client pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustDocument {
    /// [`TRUST_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose fleets.
    pub namespace: String,
    /// Ed25519, 32 bytes hex.
    pub auditor_key: String,
    /// Ed25519, 32 bytes hex.
    pub operator_key: String,
    /// C2SP signed-note verifier key; its name is the log's origin.
    pub log_key: String,
    /// PEM certificates at which a device's chain may end.
    pub attestation_roots: Vec<String>,
    /// The fleet is made of emulators: everything about it is labelled MOCK.
    pub mock: bool,
    /// Lowest firmware of a device, such as `2.3.1`.
    pub minimum_firmware: String,
    /// Root of the sites' TLS certificates; none means the public web's roots.
    pub tls_ca: Option<String>,
}

/// A trust document that was read from bytes, with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    document: TrustDocument,
    id: [u8; 32],
}

impl Trust {
    /// Reads a trust document that is compiled in or was given by hand.
    ///
    /// # Errors
    /// Not a trust document of this version. Whether its keys are usable is check B3.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Unreadable> {
        bounded("trust document", bytes, MAX_TRUST)?;
        let document = serde_json::from_slice(bytes)
            .map_err(|e| Unreadable::malformed("trust document", e))?;
        Self::new(document)
    }

    /// Reads a downloaded trust document and compares its id with the pin of a [`FleetUrl`].
    ///
    /// # Errors
    /// Not a trust document, or not the pinned one.
    pub fn from_pinned_json(bytes: &[u8], pin: &[u8; 32]) -> Result<Self, Unreadable> {
        let trust = Self::from_json(bytes)?;
        if &trust.id != pin {
            return Err(Unreadable::NotPinned {
                found: hex::encode(trust.id),
                pinned: hex::encode(pin),
            });
        }
        Ok(trust)
    }

    /// Wraps a document made in memory.
    ///
    /// # Errors
    /// Wrong type, no namespace, or too many roots.
    pub fn new(document: TrustDocument) -> Result<Self, Unreadable> {
        let bad = |why: &str| Err(Unreadable::malformed("trust document", why));
        if document.kind != TRUST_TYPE {
            return bad("unknown type");
        }
        if document.namespace.is_empty() || document.namespace.len() > 128 {
            return bad("the namespace must have 1 to 128 bytes");
        }
        if document.attestation_roots.len() > MAX_ROOTS {
            return bad("too many attestation roots");
        }
        if firmware(&document.minimum_firmware).is_none() {
            return bad("minimum_firmware is not of the form 2.3.1");
        }
        let canonical = serde_json_canonicalizer::to_vec(&document)
            .map_err(|e| Unreadable::malformed("trust document", e))?;
        Ok(Self { document, id: Sha256::digest(canonical).into() })
    }

    /// SHA-256 of the JCS form: what a fleet URL pins.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// RFC 8785 (JCS) bytes: what is published as `trust.json`.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(&self.document).expect("new() has serialised it")
    }

    /// All that is trusted.
    pub fn document(&self) -> &TrustDocument {
        &self.document
    }

    /// Whose fleets: bundles of another namespace are refused.
    pub fn namespace(&self) -> &str {
        &self.document.namespace
    }

    /// True for a fleet of emulators.
    pub fn mock(&self) -> bool {
        self.document.mock
    }

    /// Root of the sites' TLS certificates (PEM), if they do not use the public web's.
    pub fn tls_ca(&self) -> Option<&str> {
        self.document.tls_ca.as_deref()
    }

    /// Lowest firmware as three numbers.
    pub fn minimum_firmware(&self) -> [u8; 3] {
        firmware(&self.document.minimum_firmware).expect("new() has read it")
    }

    pub(crate) fn auditor_key(&self) -> Result<VerifyingKey, String> {
        role_key(&self.document.auditor_key)
    }

    pub(crate) fn operator_key(&self) -> Result<VerifyingKey, String> {
        role_key(&self.document.operator_key)
    }
}

/// Where a fleet publishes, and the trust document it must have:
/// `https://auditor.example#sha256=<64 hex>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetUrl {
    /// Without fragment and trailing slash.
    pub base: String,
    /// Trust id; none if the URL carries no pin, and then only a built-in trust document will do.
    pub pin: Option<[u8; 32]>,
}

impl FleetUrl {
    /// Splits a fleet URL.
    ///
    /// # Errors
    /// Neither `https://` nor a loopback `http://`, or a fragment that is not a pin.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let bad = |why: &str| Err(Unreadable::malformed("fleet URL", why));
        let (base, fragment) = match text.trim().split_once('#') {
            Some((base, fragment)) => (base, Some(fragment)),
            None => (text.trim(), None),
        };
        let loopback =
            ["http://127.0.0.1", "http://[::1]", "http://localhost"].iter().any(|host| {
                base.strip_prefix(host)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
            });
        if !base.starts_with("https://") && !loopback {
            return bad("it must begin with https://");
        }
        let pin = match fragment.map(|f| f.strip_prefix("sha256=").and_then(hex32)) {
            None => None,
            Some(Some(pin)) => Some(pin),
            Some(None) => return bad("after # there must be sha256= and 64 hex digits"),
        };
        Ok(Self { base: base.trim_end_matches('/').to_string(), pin })
    }
}

/// Reads 64 hex digits.
pub(crate) fn hex32(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}

/// Reads `2.3.1` as three numbers, digits and points only.
pub(crate) fn firmware(text: &str) -> Option<[u8; 3]> {
    // Rust would also read a sign.
    let is_number = |part: &&str| part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    let number = |part: &str| Some(part).filter(is_number)?.parse().ok();
    let parts: Vec<u8> = text.split('.').map(number).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// An Ed25519 key in hex that is not of small order; anything else (RSA, P-256, a short key) has
/// another length.
fn role_key(text: &str) -> Result<VerifyingKey, String> {
    let bytes = hex32(text)
        .ok_or_else(|| format!("not an Ed25519 key: {} hex digits instead of 64", text.len()))?;
    let key = VerifyingKey::from_bytes(&bytes)
        .map_err(|_| "not an Ed25519 key: not a point".to_string())?;
    if key.is_weak() {
        return Err("the Ed25519 key has small order".into());
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firmware_version_is_three_numbers() {
        assert_eq!(firmware("2.3.1"), Some([2, 3, 1]));
        assert_eq!(firmware("255.0.10"), Some([255, 0, 10]));
        for bad in
            ["", "2.4", "2.4.0.1", "2.4.x", "+2.4.0", " 2.4.0", "2..4", "2.4.256", "0002.4.0000"]
        {
            assert_eq!(firmware(bad), None, "{bad}");
        }
    }
}
