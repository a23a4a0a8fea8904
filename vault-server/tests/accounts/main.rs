//! One suite for every engine that holds a site's accounts, and what is SQLite's own.
#![allow(clippy::unwrap_used)]

mod conformance;
mod samples;
mod sqlite_crashes;
mod sqlite_erasure;
mod sqlite_file;
