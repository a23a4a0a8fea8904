//! One function per thing a person does. The window and the command line both call these, and hold no logic.

mod archive;
mod archive_backup;
mod back_up;
mod bridge;
mod clock;
mod error;
mod failure;
mod files;
mod fleet;
mod fleet_history;
mod home;
mod import_chats;
mod keepsake;
pub mod model;
mod ownership;
mod passkeys;
mod places;
mod read_chats;
mod recovery;
mod repair_backup;
mod restore;
mod save_fleet_report;
mod secret;
mod status;
mod surroundings;
mod verify_bundle_file;
mod verify_fleet;
mod watch;

pub use back_up::{add_offline_key, back_up, check_backup, prune_backup, snapshots};
pub use clock::Clock;
pub use error::{AppError, Result};
pub use fleet::{FleetFingerprint, FleetPin, Network, Unfetched, Web};
pub use fleet_history::fleet_history;
pub use home::KeyStore;
pub use import_chats::{ImportOptions, detect, import_chats};
pub use keepsake::Keepsake;
pub use passkeys::{
    NewPasskey, add_passkey, drill_passkey, passkeys, recover_with_passkey, remove_passkey, rename_passkey, reveal_code,
};
pub use read_chats::{ExportFormat, conversations, export_conversation, media_bytes, messages, position_at, search};
pub use recovery::{
    ask_vault, carry_on, code_strength, drill, enroll, forget_account, preview_backup, recover, reset_tries,
    rotate_code, vault_events, vault_status,
};
pub use repair_backup::{RepairReport, repair_backup};
pub use restore::{decrypt_backup, restore};
pub use save_fleet_report::save_fleet_report;
pub use secret::RecoverySecret;
pub use status::status;
pub use surroundings::Surroundings;
pub use verify_bundle_file::{OfflineVerify, verify_bundle_file};
pub use verify_fleet::{VerifyOptions, explain_check, verify_fleet, verify_fleet_with, verify_own_fleet};
pub use watch::{Progress, Unit, Unwatched, Watch};
