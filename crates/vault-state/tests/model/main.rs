//! The rules of a site, checked exhaustively: every schedule of a small fleet with a bad site, an
//! owner, and somebody who holds the account's access key.
//!
//! The functions under test are the real ones; only signatures are replaced by ones that cost
//! nothing. Whatever was once said may arrive anywhere, at any time, again and again, or never:
//! partitions, repetition and reordering need no rules of their own. `KEEPSAKE_MODEL=deep` searches
//! larger fleets than a minute allows (script/model).

#[path = "../support/mod.rs"]
mod support;

mod clocks;
mod faults;
mod guesses;
mod planted;
mod revocations;

/// Whether the larger searches were asked for.
pub fn deep() -> bool {
    std::env::var("KEEPSAKE_MODEL").is_ok_and(|depth| depth == "deep")
}
