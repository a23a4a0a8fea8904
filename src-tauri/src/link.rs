//! Links to a vault, `keepsake://fleet/…`, that the program was started with.

use serde::Serialize;
use tauri::{AppHandle, Wry};
use tauri_specta::Event;

/// The person opened a link to a vault while the window was there.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct FleetLinked {
    /// The fleet's address, with its pin.
    pub fleet_url: String,
}

/// The address of the fleet that one of a program's arguments is a link to.
pub(crate) fn fleet_in(arguments: impl IntoIterator<Item = String>) -> Option<String> {
    arguments.into_iter().skip(1).find_map(|link| app::fleet_of_link(&link).ok())
}

/// A second program was started with these arguments, and ends: its link is for this window.
pub(crate) fn hand_on(handle: &AppHandle<Wry>, arguments: Vec<String>) {
    if let Some(fleet_url) = fleet_in(arguments) {
        // A page that is not there yet misses it; the person opens the link again.
        let _ = FleetLinked { fleet_url }.emit(handle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_among_the_arguments_and_the_programs_own_name_is_none() {
        let link = format!("keepsake://fleet/vault.example#sha256={}", "5a".repeat(32));
        let url = link.replace("keepsake://fleet/", "https://");
        let started = |arguments: &[&str]| fleet_in(arguments.iter().map(ToString::to_string));
        assert_eq!(started(&["keepsake-desktop", "--flag", &link]), Some(url));
        assert_eq!(started(&[&link]), None);
        assert_eq!(started(&["keepsake-desktop", "keepsake://fleet/vault.example"]), None);
    }
}
