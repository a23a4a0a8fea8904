//! The checks by name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A check of spec/validation-bundle.md (B), spec/evidence.md (E) or of a living fleet (C).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CheckId {
    /// The bundle can be read and is well formed.
    B0,
    /// The auditor signed it.
    B1,
    /// The operator countersigned it.
    B2,
    /// Two different, pinned parties signed.
    B3,
    /// The public log holds it.
    B4,
    /// The log continues the one that was seen before.
    B5,
    /// It is no older fleet.
    B6,
    /// It is within its period of use.
    B7,
    /// All epochs before it are known.
    B8,
    /// The evidence can be read.
    E0,
    /// It is what was signed.
    E1,
    /// Its devices are genuine.
    E2,
    /// Each device is another one, with sound firmware.
    E3,
    /// Each key lives in its device.
    E4,
    /// The devices' logs are whole.
    E5,
    /// Only the ceremony happened.
    E6,
    /// There is no login that was not declared.
    E7,
    /// There is no object that was not declared.
    E8,
    /// The devices must log every use.
    E9,
    /// The sites are the published ones.
    E10,
    /// The software is named.
    E11,
    /// The logs begin where the auditor saw them begin.
    E12,
    /// Each device vouches for its log.
    E13,
    /// The running sites have these devices.
    C1,
    /// Devices were used as often as people tried.
    C2,
    /// Each site made its own logins' keys, once.
    C3,
}

impl CheckId {
    /// Of a bundle, in their order.
    pub const BUNDLE: [Self; 9] =
        [Self::B0, Self::B1, Self::B2, Self::B3, Self::B4, Self::B5, Self::B6, Self::B7, Self::B8];
    /// Of a folder of evidence, in their order.
    pub const EVIDENCE: [Self; 14] = [
        Self::E0,
        Self::E1,
        Self::E2,
        Self::E3,
        Self::E4,
        Self::E5,
        Self::E6,
        Self::E7,
        Self::E8,
        Self::E9,
        Self::E10,
        Self::E11,
        Self::E12,
        Self::E13,
    ];
    /// Of running sites, in their order.
    pub const LIVE: [Self; 3] = [Self::C1, Self::C2, Self::C3];

    /// Reads `B1`, `e13`, ….
    pub fn parse(text: &str) -> Option<Self> {
        let all = Self::BUNDLE.iter().chain(&Self::EVIDENCE).chain(&Self::LIVE);
        all.copied().find(|id| id.to_string().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
