//! The errors of the crates below, said to a person.

mod archive;

mod fleet;
mod keys;
