//! What an operator asks an auditor during a ceremony.

use super::canonical;
use serde::{Deserialize, Serialize};
use vault_protocol::{Signature64, labelled};

/// Asks the auditor for a challenge per device: `POST /challenge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    /// Of all the devices for which challenges are wanted.
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
    /// Of the device.
    pub serial: u32,
    /// Random, from the auditor: shows that what is signed was made after it.
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
}

/// Tells the auditor how devices' logs began: `POST /anchor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorsRequest {
    /// One for each device.
    pub devices: Vec<AnchorRequest>,
}

/// How a device's log began after the factory reset that followed its challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRequest {
    /// Of the device.
    pub serial: u32,
    /// The auditor's challenge that was answered.
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
    /// What is asked for.
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
