//! Passkeys as ways into the backups of this computer's account (spec/passkey-release.md).

mod add;
mod authenticators;
mod checked_name;
mod drill;
mod known_passkeys;
mod list;
mod prompts;
mod proof;
mod recover;
mod release;
mod remove;
mod rename;
mod reveal;
mod roster;
mod slots;
mod views;

pub use add::{NewPasskey, add_passkey};
pub use drill::drill_passkey;
pub use list::passkeys;
pub use recover::recover_with_passkey;
pub use remove::remove_passkey;
pub use rename::rename_passkey;
pub use reveal::reveal_code;
pub(crate) use slots::{passkey_places, renew_passkey_slots};
