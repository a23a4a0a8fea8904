//! What a person does with chats and backups alone: no fleet, no network, no second process.
#![allow(clippy::unwrap_used)]

mod archive_damage;
mod backups;
mod chats;
mod decrypting;
mod exporting;
mod homes;
mod kits;
mod offline_keys;
mod protection;
mod reading;
mod refusals;
mod restoring;
mod support;
