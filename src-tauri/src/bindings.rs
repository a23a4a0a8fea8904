//! The typed bridge: `ui/src/generated/bindings.ts` is written from these commands and events.

use crate::{by_itself, commands, jobs, link, window};
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(collect_commands![
            commands::about,
            commands::status,
            commands::detect,
            commands::look_around,
            commands::import_chats,
            commands::conversations,
            commands::set_owner,
            commands::same_chats,
            commands::unite_chats,
            commands::keep_chats_apart,
            commands::separate_chat,
            commands::messages,
            commands::position_at,
            commands::reading::find,
            commands::reading::shelve_chat,
            commands::reading::neighbour_media,
            commands::reading::message_info,
            commands::reading::chat_numbers,
            commands::reading::save_attachment,
            commands::reading::save_text,
            commands::reading::open_attachment,
            commands::reading::open_link,
            commands::chats::people,
            commands::chats::link_people,
            commands::chats::part_people,
            commands::chats::unlink_person,
            commands::chats::name_person,
            commands::chats::media_months,
            commands::chats::media_of_month,
            commands::chats::export_chat,
            commands::code_strength,
            commands::enroll,
            commands::rotate_code,
            commands::drill,
            commands::vault_status,
            commands::vault_events,
            commands::reset_tries,
            commands::carry_on,
            commands::verify_fleet,
            commands::verify_fleet_evidence,
            commands::verify_bundle_file,
            commands::save_fleet_report,
            commands::backup::preview_backup,
            commands::backup::recover_with_offline_key,
            commands::ask_vault,
            commands::recover,
            commands::key_change::computers,
            commands::key_change::key_change_going_on,
            commands::key_change::prepare_key_change,
            commands::key_change::change_key,
            commands::key_change::give_up_key_change,
            commands::passkeys::passkeys,
            commands::passkeys::add_passkey,
            commands::passkeys::rename_passkey,
            commands::passkeys::remove_passkey,
            commands::passkeys::drill_passkey,
            commands::passkeys::reveal_code,
            commands::passkeys::recover_with_passkey,
            commands::backup::add_place,
            commands::backup::back_up,
            commands::backup::snapshots,
            commands::backup::check_backup,
            commands::backup::restore,
            commands::backup::restore_part,
            commands::backup::place_now,
            commands::backup::forget_place,
            commands::backup::start_anew,
            commands::backup::accept_older_backup,
            commands::backup::browse_backup,
            commands::backup::backup_stats,
            commands::backup::diff_backup,
            commands::backup::prune_backup,
            commands::backup::repair_backup,
            commands::backup::forget_chats,
            commands::backup::delete_chat,
            commands::backup::schedule,
            commands::backup::set_schedule,
            commands::backup::background_mode,
            commands::backup::set_background,
            commands::backup::watched_folders,
            commands::backup::watch_folder,
            commands::backup::unwatch_folder,
            commands::backup::dismiss_offer,
            commands::backup::diagnostics,
            commands::backup::check_archive,
            commands::backup::repair_archive,
            commands::protection::protection,
            commands::protection::dismiss_drill_reminder,
            commands::protection::make_kit,
            commands::protection::confirm_kit,
            commands::protection::remove_kit,
            commands::protection::kits,
            commands::protection::drill_kit,
            commands::protection::confirm_code,
            commands::protection::discard_code,
            commands::protection::find_backups,
            commands::protection::known_fleets,
            commands::window::resume,
            commands::window::close_question_shown,
            commands::window::close_window,
            commands::window::cancel,
        ])
        .events(collect_events![
            jobs::JobBegan,
            jobs::JobProgress,
            jobs::JobEnded,
            window::CloseAsked,
            link::FleetLinked,
            by_itself::BackedUpByItself
        ])
        .error_handling(ErrorHandlingMode::Throw)
        // Every count and time here stays far below 2^53, where a JavaScript number is exact.
        .dangerously_cast_bigints_to_number()
        // One name per type: what is sent and what is received look the same.
        .disable_serde_phases()
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;
    use std::path::Path;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/generated/bindings.ts");

    /// `KEEPSAKE_WRITE_BINDINGS=1 cargo test -p keepsake-desktop bindings` writes the file anew.
    #[test]
    fn the_committed_bindings_are_the_ones_these_commands_make() {
        let dir = tempfile::tempdir().unwrap();
        let made = dir.path().join("bindings.ts");
        super::builder().export(Typescript::default(), &made).unwrap();
        let made = std::fs::read_to_string(made).unwrap();
        if std::env::var_os("KEEPSAKE_WRITE_BINDINGS").is_some() {
            std::fs::create_dir_all(Path::new(COMMITTED).parent().unwrap()).unwrap();
            std::fs::write(COMMITTED, &made).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(COMMITTED).unwrap_or_default(),
            made,
            "{COMMITTED} is out of date"
        );
    }
}
