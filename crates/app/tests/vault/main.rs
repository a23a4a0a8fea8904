//! What a person does with a vault, over a whole fleet in this process: nothing here starts a
//! program.
#![allow(clippy::unwrap_used)]

mod altered_headers;
mod carrying_on;
mod codes;
mod evidence_first;
mod frozen;
mod key_change;
mod lying_sites;
mod old_vaults;
mod passkeys;
mod pin_first;
mod protecting;
mod support;
