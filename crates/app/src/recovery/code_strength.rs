//! How good a code is that a person thought of.

use super::code::strength;
use crate::model::CodeStrength;

/// How strong a chosen code is, for the meter beside the field. Nobody is asked.
pub fn code_strength(typed: &str) -> CodeStrength {
    strength(typed)
}
