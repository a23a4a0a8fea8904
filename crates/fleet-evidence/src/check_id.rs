//! The checks by name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A check of spec/validation-bundle.md (B), spec/evidence.md (E) or of a living fleet (C).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CheckId {
    B0,
    B1,
    B2,
    B3,
    B4,
    B5,
    B6,
    B7,
    B8,
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    E7,
    E8,
    E9,
    E10,
    E11,
    E12,
    E13,
    C1,
    C2,
    C3,
}

impl CheckId {
    pub const BUNDLE: [Self; 9] =
        [Self::B0, Self::B1, Self::B2, Self::B3, Self::B4, Self::B5, Self::B6, Self::B7, Self::B8];
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
