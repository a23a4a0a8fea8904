//! One function per thing a person does. The window and the command line both call these, and hold no logic.

mod archive;
mod clock;
mod code;
mod drill;
mod enroll;
mod error;
mod failure;
mod files;
mod fleet;
mod home;
mod keepsake;
pub mod model;
mod ownership;
mod places;
mod read_chats;
mod secret;
mod vault_status;
mod verify_fleet;
mod watch;

pub use code::code_strength;
pub use drill::drill;
pub use enroll::{enroll, rotate_code};
pub use error::{AppError, Result};
pub use keepsake::Keepsake;
pub use read_chats::{ExportFormat, conversations, export_conversation, media_bytes, messages, position_at, search};
pub use secret::RecoverySecret;
pub use vault_status::{vault_events, vault_status};
pub use verify_fleet::{verify_bundle_file, verify_fleet};
pub use watch::{Progress, Unit, Unwatched, Watch};
