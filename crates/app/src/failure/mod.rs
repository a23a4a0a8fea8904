//! The errors of the crates below, said to a person.

mod archive;

mod backup;
mod fleet;
mod import;
mod keys;
mod passkeys;
