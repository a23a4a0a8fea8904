//! Where installed messengers keep their chats on this computer. Looks whether the places are
//! there, and reads nothing in them: that takes a person who asks for it.

use crate::model::{KnownPlace, PlaceOf};
use std::path::Path;

/// The messenger, the place below the person's own folder, and what it is. `*` is every folder
/// there.
const PLACES: &[(PlaceOf, &str, &str)] = &[
    (PlaceOf::Signal, ".config/Signal/sql/db.sqlite", "Signal Desktop"),
    (
        PlaceOf::Signal,
        ".var/app/org.signal.Signal/config/Signal/sql/db.sqlite",
        "Signal Desktop (Flatpak)",
    ),
    (
        PlaceOf::Signal,
        "snap/signal-desktop/current/.config/Signal/sql/db.sqlite",
        "Signal Desktop (Snap)",
    ),
    (PlaceOf::Signal, "Library/Application Support/Signal/sql/db.sqlite", "Signal Desktop"),
    (PlaceOf::IMessage, "Library/Messages/chat.db", "Messages"),
    (
        PlaceOf::WhatsApp,
        "Library/Group Containers/group.net.whatsapp.WhatsApp.shared/ChatStorage.sqlite",
        "WhatsApp for the Mac",
    ),
    (
        PlaceOf::IPhone,
        "Library/Application Support/MobileSync/Backup/*/Manifest.db",
        "Backup of an iPhone or iPad",
    ),
    (PlaceOf::Telegram, "Downloads/Telegram Desktop/*/result.json", "Export of Telegram Desktop"),
    (PlaceOf::Telegram, "Downloads/Telegram Desktop/*/messages.html", "Export of Telegram Desktop"),
];

/// Folders looked at for a `*`.
const MAX_FOLDERS: usize = 200;

/// Places of this computer with chats that can be imported.
pub fn look_around() -> Vec<KnownPlace> {
    directories::UserDirs::new().map(|dirs| places_below(dirs.home_dir())).unwrap_or_default()
}

fn places_below(home: &Path) -> Vec<KnownPlace> {
    let mut found: Vec<KnownPlace> = Vec::new();
    for (messenger, pattern, name) in PLACES {
        for mark in matching(home, pattern) {
            // The folder is what is imported: Signal's is the one above `sql`.
            let inside = if mark.ends_with("sql/db.sqlite") { 2 } else { 1 };
            let path = mark.ancestors().nth(inside).unwrap_or(&mark).display().to_string();
            if !found.iter().any(|known| known.path == path) {
                found.push(KnownPlace { messenger: *messenger, name: (*name).into(), path });
            }
        }
    }
    found
}

fn matching(home: &Path, pattern: &str) -> Vec<std::path::PathBuf> {
    let Some((above, below)) = pattern.split_once("/*/") else {
        return Some(home.join(pattern)).filter(|path| path.is_file()).into_iter().collect();
    };
    let folders =
        std::fs::read_dir(home.join(above)).into_iter().flatten().flatten().take(MAX_FOLDERS);
    let mut marks: Vec<_> =
        folders.map(|folder| folder.path().join(below)).filter(|path| path.is_file()).collect();
    marks.sort();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_offered_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(places_below(home.path()), []);
        for file in [
            ".config/Signal/sql/db.sqlite",
            ".config/Signal/config.json",
            "Downloads/Telegram Desktop/ChatExport_2026-01-05/result.json",
            "Downloads/Telegram Desktop/ChatExport_2026-01-05/messages.html",
            "Downloads/Telegram Desktop/photo.jpg",
        ] {
            let path = home.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        let found: Vec<(PlaceOf, String)> = places_below(home.path())
            .into_iter()
            .map(|place| (place.messenger, place.path.replace(home.path().to_str().unwrap(), "~")))
            .collect();
        let expected = [
            (PlaceOf::Signal, "~/.config/Signal"),
            (PlaceOf::Telegram, "~/Downloads/Telegram Desktop/ChatExport_2026-01-05"),
        ];
        assert_eq!(found, expected.map(|(messenger, path)| (messenger, path.to_owned())));
    }
}
