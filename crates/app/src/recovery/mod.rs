//! The way back through the vault: making a code, keeping it alive, and coming back with it.

mod ask_vault;
mod carry_on;
mod code;
mod drill;
mod enroll;
mod errands;
mod events;
mod own_tries;
mod preview;
mod recover;
mod register;
mod reset_tries;
mod retired_keys;
mod rotate;
mod site_words;
mod status;
mod unlock;

pub use ask_vault::ask_vault;
pub use carry_on::carry_on;
pub(crate) use carry_on::carry_on_with;
pub use code::code_strength;
pub use drill::drill;
pub use enroll::{enroll, forget_account};
pub(crate) use errands::{keep_errand, pending_at};
pub use events::vault_events;
pub use preview::preview_backup;
pub(crate) use preview::{header_of, newest_code};
pub use recover::recover;
pub(crate) use register::account_address;
pub use reset_tries::reset_tries;
pub(crate) use retired_keys::{advice_for, warning};
pub use rotate::rotate_code;
pub(crate) use site_words::{caught, revoking, settling};
pub use status::vault_status;
pub(crate) use unlock::unlock;
