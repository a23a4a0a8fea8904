//! What a device says in an attestation.

use super::certificate::Certificate;
use std::fmt;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef, Utf8StringRef};

/// Yubico's arc for YubiHSM attestations: 1.3.6.1.4.1.41482.4.
const FIRMWARE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.1");
const SERIAL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.2");
const ORIGIN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.3");
const DOMAINS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.4");
const CAPABILITIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.5");
const OBJECT_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.6");
const LABEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4.9");

/// What a device says about a key it attests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationFields {
    /// At the time of the attestation.
    pub firmware: Firmware,
    /// The device's serial number.
    pub serial: u32,
    /// How the key came to be: [`crate::device_profile::ORIGIN_GENERATED`], or anything else.
    pub origin: u8,
    /// Domains that the key is in: one bit each, domain 1 the lowest.
    pub domains: u16,
    /// What the key may do: bits of [`crate::device_profile::capability`].
    pub capabilities: u64,
    /// The key's number in its device.
    pub object_id: u16,
    /// The key's label, without the zeros that fill it up to 40 bytes.
    pub label: String,
}

/// Major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firmware(pub [u8; 3]);

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl AttestationFields {
    /// Reads all fields.
    ///
    /// # Errors
    /// One is missing, occurs twice, or has another form.
    pub fn read(certificate: &Certificate) -> Result<Self, String> {
        let firmware = OctetStringRef::from_der(required(certificate, FIRMWARE)?)
            .map_err(|e| form(FIRMWARE, e))?;
        let firmware =
            firmware.as_bytes().try_into().map_err(|_| form(FIRMWARE, "not three bytes"))?;
        let label =
            Utf8StringRef::from_der(required(certificate, LABEL)?).map_err(|e| form(LABEL, e))?;
        Ok(Self {
            firmware: Firmware(firmware),
            serial: Self::device_serial(certificate)?,
            origin: u8::from_be_bytes(bits(certificate, ORIGIN)?),
            domains: u16::from_be_bytes(bits(certificate, DOMAINS)?),
            capabilities: u64::from_be_bytes(bits(certificate, CAPABILITIES)?),
            object_id: u16::from_der(required(certificate, OBJECT_ID)?)
                .map_err(|e| form(OBJECT_ID, e))?,
            label: label.to_string(),
        })
    }

    /// The serial number in a device's own certificate, or in an attestation.
    ///
    /// # Errors
    /// Missing, twice, or not a 32-bit number.
    pub fn device_serial(certificate: &Certificate) -> Result<u32, String> {
        u32::from_der(required(certificate, SERIAL)?).map_err(|e| form(SERIAL, e))
    }
}

fn required(certificate: &Certificate, id: ObjectIdentifier) -> Result<&[u8], String> {
    certificate.extension(id)?.ok_or_else(|| format!("extension {id} is missing"))
}

/// A BIT STRING of whole bytes, big endian.
fn bits<const N: usize>(
    certificate: &Certificate,
    id: ObjectIdentifier,
) -> Result<[u8; N], String> {
    let bits = BitStringRef::from_der(required(certificate, id)?).map_err(|e| form(id, e))?;
    let bytes = bits.as_bytes().ok_or_else(|| form(id, "not whole bytes"))?;
    bytes.try_into().map_err(|_| form(id, format!("not {N} bytes")))
}

fn form(id: ObjectIdentifier, why: impl fmt::Display) -> String {
    format!("extension {id}: {why}")
}
