//! One function per thing a person does. The window and the command line both call these, and hold no logic.

mod archive;
mod backup;
mod bridge;
mod chat_media;
mod check_archive;
mod clock;
mod encrypted_exports;
mod error;
mod export;
mod export_chat;
mod failure;
mod files;
mod fleet;
mod fleet_history;
mod home;
mod import_chats;
mod keepsake;
mod key_change;
mod leftovers;
mod look_around;
pub mod model;
mod ownership;
mod passkeys;
mod people;
mod places;
mod read_chats;
mod recovery;
mod repair_archive;
mod same_chats;
mod save_fleet_report;
mod sealed_media;
mod secret;
mod status;
mod surroundings;
mod verify_bundle_file;
mod verify_fleet;
mod watch;

pub use backup::{
    KeepPolicy, RepairReport, RestoreChoice, RestoreParts, Unlocked, accept_older_backup, add_offline_key, back_up,
    backup_stats, browse_backup, check_backup, decrypt_backup, diff_backup, offline_keys, prune_backup,
    recover_with_offline_key, remove_offline_key, repair_backup, restore, restore_chosen, snapshots, unlock_backup,
};
pub use chat_media::{media_months, media_of_month};
pub use check_archive::{ArchiveCheck, check_archive};
pub use clock::Clock;
pub use error::{AppError, Result};
pub use export_chat::{Between, ExportFormat, export_conversation};
pub use fleet::{FleetFingerprint, FleetPin, Network, Unfetched, Web};
pub use fleet_history::fleet_history;
pub use home::KeyStore;
pub use import_chats::{ImportOptions, detect, import_chats, set_owner};
pub use keepsake::Keepsake;
pub use key_change::{
    KeyChange, Stay, change_key, computers, give_up_key_change, key_change_going_on, prepare_key_change,
};
pub use look_around::look_around;
pub use passkeys::{
    NewPasskey, add_passkey, drill_passkey, passkeys, recover_with_passkey, remove_passkey, rename_passkey, reveal_code,
};
pub use people::{link_people, name_person, part_people, people, unlink_person};
pub use read_chats::{conversations, media_bytes, messages, position_at, search};
pub use recovery::{
    ask_vault, carry_on, code_strength, drill, enroll, forget_account, preview_backup, recover, reset_tries,
    rotate_code, vault_events, vault_status,
};
pub use repair_archive::{ArchiveRepair, repair_archive};
pub use same_chats::{keep_chats_apart, same_chats, separate_chat, unite_chats};
pub use save_fleet_report::save_fleet_report;
pub use secret::RecoverySecret;
pub use status::status;
pub use surroundings::Surroundings;
pub use verify_bundle_file::{OfflineVerify, verify_bundle_file};
pub use verify_fleet::{VerifyOptions, explain_check, verify_fleet, verify_fleet_with, verify_own_fleet};
pub use watch::{Progress, Unit, Unwatched, Watch};
