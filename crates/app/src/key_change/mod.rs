//! Another key for all backups, because a computer was stolen or a key has leaked: what is backed
//! up from then on opens with nothing that opened it before.
//!
//! Two steps, so that at every moment something that the person has on paper opens the backups.
//! `prepare` makes the new ways in and proves them, and the person writes them down. `change` then
//! publishes them in the backups' headers, and has the old account removed at the vault once no
//! backup needs it. Each can be repeated after a crash.

mod change;
mod computers;
mod computers_seen;
mod give_up;
mod old_accounts;
mod plan;
mod prepare;
mod publish;

pub use change::change_key;
pub use computers::computers;
pub use give_up::{give_up_key_change, key_change_going_on};
pub(crate) use old_accounts::remove_old_accounts;
pub(crate) use plan::drop_overtaken;
pub use prepare::{KeyChange, Stay, prepare_key_change};
pub(crate) use publish::{bring_forward, settle_home};
