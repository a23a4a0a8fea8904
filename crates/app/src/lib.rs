//! One function per thing a person does. The window and the command line both call these, and hold
//! no logic.
//!
//! The rooms are what a person has to do with: their [`Keepsake`] on this computer, chats, backups,
//! the way back by a code or a passkey, the fleet that guards it, and what
//! runs by itself. A use case imports no use
//! case; what several need lies beside them in a file of its own, and what all rooms need in
//! `home`, `progress`, `error` and `model`.

mod backup;
mod chats;
mod error;
mod fleet;
mod home;
mod key_change;
mod kit;
pub mod model;
mod passkeys;
mod progress;
mod protection;
mod recovery;
mod schedule;
mod system;

pub use backup::{
    DeletedChat, Forgotten, KeepPolicy, PlaceLogin, RepairReport, RestoreChoice, RestoreParts,
    StillThere, Unlocked, accept_older_backup, add_offline_key, add_place, back_up, backup_stats,
    browse_backup, check_backup, copy_backup, decrypt_backup, delete_chat, diff_backup,
    export_header, forget_chats, forget_place, offline_keys, place_now, places, prune_backup,
    recover_with_offline_key, remove_offline_key, repair_backup, restore, restore_chosen,
    snapshots, start_anew, unlock_backup,
};
pub use chats::{
    ArchiveCheck, ArchiveRepair, Between, DateOrder, ExportFormat, ImportOptions, ShelfPlace,
    Unshown, chat_numbers, check_archive, checked_link, clear_opened, conversations, detect,
    export_conversation, find, import_chats, keep_chats_apart, lay_out_attachment, link_people,
    look_around, media_bytes, media_months, media_of_month, media_type, message_info, messages,
    messages_with, name_person, neighbour_media, part_people, people, position_at, repair_archive,
    same_chats, save_attachment, save_text, search, separate_chat, set_owner, shelve_chat, smaller,
    unite_chats, unlink_person,
};
pub use error::{AppError, NextStep, Result};
pub use fleet::{
    FleetFingerprint, FleetPin, Network, OfflineVerify, Unfetched, VerifyOptions, Web,
    explain_check, fleet_history, fleet_of_link, known_fleets, save_fleet_report,
    verify_bundle_file, verify_fleet, verify_fleet_with, verify_own_fleet,
};
pub use home::{Clock, Keepsake, KeyStore, RecoverySecret, Surroundings, diagnostics, status};
pub use key_change::{
    KeyChange, Stay, change_key, computers, give_up_key_change, key_change_going_on,
    prepare_key_change,
};
pub use kit::{confirm_kit, drill_kit, kits, make_kit, remove_kit};
pub use passkeys::{
    NewPasskey, add_passkey, drill_passkey, passkeys, recover_with_passkey, remove_passkey,
    rename_passkey, reveal_code,
};
pub use progress::{Progress, Unit, Unwatched, Watch};
pub use protection::{dismiss_drill_reminder, protection};
pub use recovery::{
    ask_vault, carry_on, code_strength, confirm_code, discard_code, drill, enroll, find_backups,
    forget_account, preview_backup, recover, reset_tries, rotate_code, vault_events, vault_status,
};
pub use schedule::{
    BackgroundMode, Every, NewExports, Pass, PassResult, PlacePass, back_up_what_is_due,
    background_log, background_mode, disable_background, dismiss_offer, enable_background,
    schedule, set_schedule, unwatch_folder, watch_folder, watched_folders,
};
pub use system::show_notification;
