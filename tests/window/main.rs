//! The real window, driven as a person does.
//!
//! Needs a display, WebKitWebDriver, tauri-driver and the fleet's programs; `script/test` runs it
//! in `script/desktop-session`. With `KEEPSAKE_SCREENSHOTS=DIR` it also takes the documentation's
//! pictures.

#![allow(clippy::unwrap_used)]

mod by_code;
mod by_kit;
mod by_passkey;
mod cases;
mod driver;
mod exports;
#[path = "../support/own_fleet.rs"]
mod fleet;
#[path = "../../crates/fleet-evidence/tests/support/laid_out.rs"]
mod laid_out;
mod reading;
mod saved_fleets;
#[path = "../../script/story/src/security_key.rs"]
mod security_key;
