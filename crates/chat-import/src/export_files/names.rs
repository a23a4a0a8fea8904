//! Names of files, compared as people see them.

use std::path::{Component, Path};

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Last part of a path, for messages.
pub(crate) fn display_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The part after the last `/`.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The part up to and with the last `/`; empty at the top.
pub(crate) fn folder_of(path: &str) -> &str {
    &path[..path.len() - base_name(path).len()]
}

/// One form for all ways of writing a name: a Mac writes `ü` as two characters.
pub(crate) fn same_name(name: &str) -> String {
    if is_nfc(name) { name.to_owned() } else { name.nfc().collect() }
}

/// What systems leave behind in folders and zips: no part of any export.
pub(super) fn is_junk(path: &str) -> bool {
    let base = base_name(path);
    path.split('/').any(|part| part == "__MACOSX")
        || base.starts_with("._")
        || matches!(base, ".DS_Store" | "Thumbs.db" | "desktop.ini" | ".localized")
}

/// Whether a path stays inside: no root, no `..`, no drive, no stream.
pub(super) fn is_safe(path: &str) -> bool {
    let is_drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    !path.contains(['\\', '\0'])
        && !path.starts_with('/')
        && !is_drive
        && Path::new(path)
            .components()
            .all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}
