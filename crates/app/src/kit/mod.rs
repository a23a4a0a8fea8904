//! Recovery kits: printed keys that open every backup of this computer with no vault and no
//! network. A kit is an offline key (spec/backup-format.md) that this computer gives to each of its
//! backups.

mod confirm;
mod drill;
mod known_kits;
mod list;
mod make;
mod remove;
mod slots;

pub use confirm::confirm_kit;
pub use drill::drill_kit;
pub(crate) use known_kits::{forget_slots_in, keep_as_kit, note_removed, slots_of_unsaved};
pub use list::kits;
pub use make::make_kit;
pub use remove::remove_kit;
pub(crate) use slots::renew_kit_slots;
