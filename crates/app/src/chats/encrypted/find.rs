//! Finds what is encrypted in the file or folder that a person gives.

use encrypted_exports::whatsapp;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// `WhatsApp/Databases/msgstore.db.crypt15` in the folder of a phone.
const MAX_DEPTH: usize = 4;
/// Files and folders looked at.
const MAX_LOOKED_AT: usize = 20_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// WhatsApp's chats.
    WhatsApp,
    /// Names of WhatsApp's contacts.
    WhatsAppNames,
    /// Signal Desktop's database.
    Signal,
}

/// An encrypted file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub path: PathBuf,
    pub sort: Sort,
}

/// The encrypted files that hold chats: of each sort the newest.
pub(crate) fn sealed_in(path: &Path) -> Vec<Sealed> {
    let mut found = Vec::new();
    if path.is_dir() {
        walk(path, 0, &mut 0, &mut found);
    } else if let Some(sealed) = whatsapp_file(path) {
        let names = path.parent().into_iter().flat_map(files).filter_map(|p| whatsapp_file(&p));
        found.extend(names.filter(|s| s.sort == Sort::WhatsAppNames && s.path != path));
        // Whatever it is called, it is what the person means.
        found.push(Sealed { sort: Sort::WhatsApp, ..sealed });
    }
    [Sort::WhatsApp, Sort::WhatsAppNames, Sort::Signal]
        .into_iter()
        .filter_map(|sort| newest(&mut found, sort))
        .collect()
}

/// `msgstore.db.crypt15` is newer than `msgstore-2024-05-01.1.db.crypt15`, and that than one of
/// April.
fn newest(found: &mut Vec<Sealed>, sort: Sort) -> Option<Sealed> {
    let name = |sealed: &Sealed| {
        sealed.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let rank = |sealed: &Sealed| (!name(sealed).contains('-'), name(sealed));
    let at =
        (0..found.len()).filter(|at| found[*at].sort == sort).max_by_key(|at| rank(&found[*at]))?;
    Some(found.swap_remove(at))
}

fn walk(folder: &Path, depth: usize, looked_at: &mut usize, found: &mut Vec<Sealed>) {
    let database = folder.join("sql").join("db.sqlite");
    if folder.join("config.json").is_file() && is_encrypted_database(&database) {
        found.push(Sealed { path: database, sort: Sort::Signal });
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        *looked_at += 1;
        if *looked_at > MAX_LOOKED_AT {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                walk(&entry.path(), depth + 1, looked_at, found)
            }
            Ok(kind) if kind.is_file() => found.extend(whatsapp_file(&entry.path())),
            _ => {}
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_LOOKED_AT);
    entries.filter(|e| e.file_type().is_ok_and(|kind| kind.is_file())).map(|e| e.path()).collect()
}

fn whatsapp_file(path: &Path) -> Option<Sealed> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    if !name.ends_with(".crypt15") && !name.ends_with(".crypt14") {
        return None;
    }
    let sort = if name.starts_with("wa.db") { Sort::WhatsAppNames } else { Sort::WhatsApp };
    if sort == Sort::WhatsApp && !name.starts_with("msgstore") {
        return None;
    }
    whatsapp::recognise(&mut File::open(path).ok()?).ok()??;
    Some(Sealed { path: path.to_owned(), sort })
}

/// Whether somebody gave Signal's database, or the folder `sql` that it lies in, and not the folder
/// with its key.
pub(crate) fn is_signal_without_folder(path: &Path) -> bool {
    let database = if path.is_dir() { path.join("db.sqlite") } else { path.to_owned() };
    database.file_name().is_some_and(|name| name == "db.sqlite") && is_encrypted_database(&database)
}

fn is_encrypted_database(path: &Path) -> bool {
    let mut start = [0; 16];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && &start != b"SQLite format 3\0"
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTOR: &[u8] =
        include_bytes!("../../../../encrypted-exports/tests/vectors/msgstore.db.crypt15");

    fn found(folder: &Path) -> Vec<(Sort, String)> {
        let name = |s: Sealed| {
            (s.sort, s.path.strip_prefix(folder).unwrap().to_string_lossy().into_owned())
        };
        sealed_in(folder).into_iter().map(name).collect()
    }

    #[test]
    fn the_newest_backup_in_the_folder_of_a_phone_is_meant() {
        let dir = tempfile::tempdir().unwrap();
        let databases = dir.path().join("WhatsApp/Databases");
        fs::create_dir_all(&databases).unwrap();
        for day in ["2024-05-01.1", "2024-04-30.1"] {
            fs::write(databases.join(format!("msgstore-{day}.db.crypt15")), VECTOR).unwrap();
        }
        fs::write(databases.join("backup_settings.json.crypt15"), VECTOR).unwrap();
        fs::write(databases.join("msgstore-2025-01-01.1.db.crypt15"), b"cut off").unwrap();
        let newest = "WhatsApp/Databases/msgstore-2024-05-01.1.db.crypt15";
        assert_eq!(found(dir.path()), [(Sort::WhatsApp, newest.to_string())]);

        fs::write(databases.join("msgstore.db.crypt15"), VECTOR).unwrap();
        fs::write(databases.join("wa.db.crypt15"), VECTOR).unwrap();
        let all = [(Sort::WhatsApp, "msgstore.db.crypt15"), (Sort::WhatsAppNames, "wa.db.crypt15")];
        assert_eq!(found(&databases), all.map(|(sort, name)| (sort, name.to_string())));
    }

    #[test]
    fn signal_is_known_by_its_folder_and_only_if_it_is_encrypted() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("Signal/sql")).unwrap();
        fs::write(dir.path().join("Signal/config.json"), b"{}").unwrap();
        fs::write(dir.path().join("Signal/sql/db.sqlite"), [7; 4096]).unwrap();
        assert_eq!(found(dir.path()), [(Sort::Signal, "Signal/sql/db.sqlite".to_string())]);
        for part in ["Signal/sql", "Signal/sql/db.sqlite"] {
            assert!(is_signal_without_folder(&dir.path().join(part)), "{part}");
        }
        assert!(!is_signal_without_folder(&dir.path().join("Signal")));
        fs::write(dir.path().join("Signal/sql/db.sqlite"), b"SQLite format 3\0").unwrap();
        assert_eq!(found(dir.path()), []);
    }
}
