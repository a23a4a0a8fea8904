//! Attestation certificates, encoded as a YubiHSM2 with firmware 2.4.0 encodes them, under a MOCK
//! root.
//!
//! The root and sub-CA keys are published with this crate: anyone can sign with them, so a chain
//! that ends at the mock root proves nothing. Source of the extensions: Yubico "OID product arc",
//! and certificates of a real device.

mod attester;
mod certificate;
mod factory;

pub(crate) use attester::Attester;
pub(crate) use certificate::{Subject, sign};
pub(crate) use factory::{FACTORY_KEY_ID, FactoryAttestation};
pub use factory::{MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};

#[cfg(test)]
mod tests;
