//! Opens what messengers store under a key of the person's own: WhatsApp's backups on Android, and
//! Signal Desktop's key and attachments. What a chat is, is no business of this crate.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use encrypted_exports::whatsapp;
//! let digits = "0123456789abcdef".repeat(4);
//! let key = whatsapp::Key::parse(&digits)?;
//! let mut sealed = std::fs::File::open("msgstore.db.crypt15")?;
//! let mut plain = std::fs::File::create_new("msgstore.db")?;
//! whatsapp::decrypt(&mut sealed, &key, &mut plain)?;
//! # Ok(()) }
//! ```

mod error;
pub mod signal;
pub mod whatsapp;

pub use error::OpenError;
