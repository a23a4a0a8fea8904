//! The commands as a platform sees them, with the refusals that CTAP 2.1 prescribes.

mod client_pin;
mod get_assertion;
mod hmac_secret;
mod make_credential;
mod messages;
mod platform;
