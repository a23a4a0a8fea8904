use super::canonical;
use serde::{Deserialize, Serialize};
use vault_protocol::{Signature64, labelled};

/// Asks the auditor for a challenge per device: `POST /challenge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    pub serials: Vec<u32>,
    /// Unix seconds; the same request gives the same challenges.
    pub requested_at: u64,
}

/// The auditor's answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenges {
    /// In the order of the request.
    pub challenges: Vec<Challenge>,
}

/// A fresh challenge for one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    pub serial: u32,
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
}

/// Tells the auditor how devices' logs began: `POST /anchor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorsRequest {
    pub devices: Vec<AnchorRequest>,
}

/// How a device's log began after the factory reset that followed its challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRequest {
    pub serial: u32,
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
    /// Digest of the reset line.
    #[serde(with = "hex::serde")]
    pub anchor: [u8; 16],
}

/// A request with the operator's signature: strangers neither fill nor change the auditor's notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromOperator<T> {
    pub request: T,
    /// Ed25519 by the operator over the request's `message`.
    pub operator_signature: Signature64,
}

impl ChallengeRequest {
    /// What the operator signs.
    pub fn message(&self, namespace: &str) -> Vec<u8> {
        labelled("operator-challenge-request", &[namespace.as_bytes(), &canonical(self)])
    }
}

impl AnchorsRequest {
    /// What the operator signs.
    pub fn message(&self, namespace: &str) -> Vec<u8> {
        labelled("operator-anchor-request", &[namespace.as_bytes(), &canonical(self)])
    }
}
