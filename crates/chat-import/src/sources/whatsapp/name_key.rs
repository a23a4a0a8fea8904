//! What makes two ways of writing a name the same name.

use unicode_normalization::UnicodeNormalization;

use super::marks::{is_joiner, is_mark};

/// Identity of a name: the same for every way of writing it.
pub(super) fn key_of(name: &str) -> String {
    let lower = name
        .nfkc()
        .filter(|c| !is_mark(*c) && !is_joiner(*c))
        .flat_map(char::to_lowercase)
        .collect::<String>();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}
