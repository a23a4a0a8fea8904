//! Ceremonies with emulated devices, and a site's first start after one.
#![allow(clippy::unwrap_used)]

mod ceremony;
mod fleet;
mod interruption;
mod own_login;
#[path = "../../../crates/yubihsm-device/tests/support/mod.rs"]
mod support;
