//! Exports that a messenger encrypted with a key of the person's own: opened for as long as they
//! are read.

mod find;

use self::find::{Sealed, Sort, is_signal_without_folder, sealed_in};
use crate::chats::ImportOptions;
use crate::error::capitalised;
use crate::home::opened_prefix;
use crate::{AppError, Keepsake, NextStep, RecoverySecret, Result};
use chat_import::{DatabaseKey, OpenedFile, Unlocked};
use encrypted_exports::{OpenError, signal, whatsapp};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What was opened, until this is dropped.
pub(crate) struct Opened {
    files: Vec<(PathBuf, OpenedFile)>,
    _folder: tempfile::TempDir,
}

impl Unlocked for Opened {
    fn file(&self, path: &Path) -> Option<OpenedFile> {
        self.files.iter().find(|(sealed, _)| sealed == path).map(|(_, opened)| opened.clone())
    }

    fn attachment(&self, sealed: File, key: &str, size: u64) -> io::Result<Box<dyn Read>> {
        match signal::open_attachment(sealed, key, size) {
            Ok(attachment) => Ok(Box::new(attachment)),
            Err(OpenError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
        }
    }
}

/// Opens what is encrypted in a file or folder; nothing if nothing is.
pub(crate) fn open(
    keepsake: &Keepsake,
    path: &Path,
    options: &ImportOptions,
) -> Result<Option<Arc<dyn Unlocked>>> {
    let sealed = sealed_in(path);
    if sealed.is_empty() {
        return if is_signal_without_folder(path) { Err(without_folder()) } else { Ok(None) };
    }
    let dir = keepsake.home().join("archive");
    let making = |e: io::Error| AppError::disk("opening an encrypted export", &e);
    durable_files::create_private_dirs(&dir).map_err(making)?;
    // Only this user can look into it; what a killed import leaves, the next one removes.
    let folder =
        tempfile::Builder::new().prefix(&opened_prefix()).tempdir_in(&dir).map_err(making)?;
    let mut files = Vec::new();
    for one in sealed {
        match open_one(&one, options, folder.path()) {
            Ok(opened) => files.push((one.path, opened)),
            // Names of contacts are not worth refusing the chats.
            Err(_) if one.sort == Sort::WhatsAppNames => {}
            Err(error) => return Err(refused(&one, options, error)),
        }
    }
    Ok(Some(Arc::new(Opened { files, _folder: folder })))
}

fn open_one(
    sealed: &Sealed,
    options: &ImportOptions,
    folder: &Path,
) -> std::result::Result<OpenedFile, OpenError> {
    match sealed.sort {
        Sort::WhatsApp => open_whatsapp(sealed, options, folder, "msgstore.db"),
        Sort::WhatsAppNames => open_whatsapp(sealed, options, folder, "wa.db"),
        Sort::Signal => open_signal(sealed, options),
    }
}

fn open_whatsapp(
    sealed: &Sealed,
    options: &ImportOptions,
    folder: &Path,
    name: &str,
) -> std::result::Result<OpenedFile, OpenError> {
    let key = whatsapp_key(options)?;
    let path = folder.join(name);
    let mut plain = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
    whatsapp::decrypt(&mut File::open(&sealed.path)?, &key, &mut plain)?;
    Ok(OpenedFile { name: name.into(), path, key: None })
}

fn whatsapp_key(options: &ImportOptions) -> std::result::Result<whatsapp::Key, OpenError> {
    if let Some(file) = &options.key_file {
        let mut bytes = Zeroizing::new(Vec::new());
        File::open(file)?.take(whatsapp::MAX_KEY_FILE as u64 + 1).read_to_end(&mut bytes)?;
        return whatsapp::Key::from_file(&bytes);
    }
    whatsapp::Key::parse(typed(options).unwrap_or_default())
}

/// SQLCipher reads it where it lies: nothing plain reaches the disk.
fn open_signal(
    sealed: &Sealed,
    options: &ImportOptions,
) -> std::result::Result<OpenedFile, OpenError> {
    let mut config = Zeroizing::new(Vec::new());
    let beside = sealed.path.ancestors().nth(2).unwrap_or(Path::new(".")).join("config.json");
    File::open(beside)?.take(signal::MAX_CONFIG as u64 + 1).read_to_end(&mut config)?;
    let key = signal::database_key(&config, typed(options))?;
    let key = DatabaseKey::new(key.expose()).ok_or(OpenError::NotAKey("it has not 64 digits"))?;
    Ok(OpenedFile { name: "db.sqlite".into(), path: sealed.path.clone(), key: Some(key) })
}

fn typed(options: &ImportOptions) -> Option<&str> {
    options.key.as_deref().map(RecoverySecret::expose)
}

fn without_folder() -> AppError {
    AppError::new(
        "export_incomplete",
        "This is Signal's encrypted database without the folder it belongs to: the key is in config.json there.",
        SAFE,
        NextStep::GiveWholeSignalFolder,
    )
}

const SAFE: &str = "Nothing was imported; your chats are as they were.";

fn refused(sealed: &Sealed, options: &ImportOptions, error: OpenError) -> AppError {
    let name = sealed.path.file_name().unwrap_or_default().to_string_lossy();
    let was_given = options.key.is_some() || options.key_file.is_some();
    match error {
        OpenError::InKeyring(keyring) => AppError::new(
            "export_key_needed",
            format!(
                "Signal's chats are encrypted, and their key is in the keyring of the computer ({keyring})."
            ),
            SAFE,
            NextStep::GiveKeyringPassword,
        ),
        OpenError::SealedByWindows => AppError::new(
            "export_key_needed",
            "Signal's chats are encrypted, and Windows alone can open their key, in the account that Signal runs in.",
            SAFE,
            NextStep::ExportInSignalOrGiveKey,
        ),
        OpenError::NotAKey(_) if !was_given => AppError::new(
            "export_key_needed",
            format!("{name} is encrypted, and needs its key."),
            SAFE,
            NextStep::GiveExportKey,
        ),
        OpenError::Io(error) => AppError::disk("opening an encrypted export", &error),
        OpenError::NotAKey(_)
        | OpenError::WrongKey
        | OpenError::WrongKeyOrDamaged
        | OpenError::OtherSortOfKey(_) => {
            let happened = format!("{name} stays closed: {error}.");
            AppError::new("export_key_wrong", happened, SAFE, NextStep::CheckExportKey)
        }
        OpenError::Damaged(_) | OpenError::TooLarge { .. } => {
            let happened = format!("{}.", capitalised(&format!("{name}: {error}")));
            AppError::new("damaged", happened, SAFE, NextStep::CopyFromPhoneAgain)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyStore, Surroundings, Unwatched};
    use std::fs;

    const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    /// Signal Desktop's folder with one message, its key in the keyring.
    fn signal(folder: &Path) {
        fs::create_dir_all(folder.join("sql")).unwrap();
        fs::write(
            folder.join("config.json"),
            br#"{"encryptedKey":"763131aa","safeStorageBackend":"kwallet6"}"#,
        )
        .unwrap();
        let database = rusqlite::Connection::open(folder.join("sql/db.sqlite")).unwrap();
        let tables = "CREATE TABLE items (id TEXT, json TEXT);
            CREATE TABLE conversations (id TEXT, json TEXT, type TEXT, name TEXT);
            INSERT INTO conversations VALUES ('c', '{}', 'private', 'Nele');
            CREATE TABLE messages (id TEXT, json TEXT, type TEXT, body TEXT, sent_at INTEGER, conversationId TEXT);
            INSERT INTO messages VALUES ('m', '{}', 'incoming', 'The ferry leaves at nine', 1703001600000, 'c');";
        database.execute_batch(&format!("PRAGMA key = \"x'{KEY}'\"; {tables}")).unwrap();
    }

    #[tokio::test]
    async fn signal_desktop_is_read_with_its_key_and_not_without() {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(&dir.path().join("home"), around).unwrap();
        let folder = dir.path().join("Signal");
        signal(&folder);
        let typed = |key: &str| ImportOptions {
            key: Some(Arc::new(RecoverySecret::new(key.to_owned()))),
            ..ImportOptions::default()
        };
        let refused =
            crate::detect(&keepsake, &folder, ImportOptions::default()).await.unwrap_err();
        assert_eq!(refused.code, "export_key_needed");
        assert!(refused.happened.contains("kwallet6"), "{}", refused.happened);
        let refused =
            crate::detect(&keepsake, &folder, typed("not the password")).await.unwrap_err();
        assert_eq!(refused.code, "export_key_wrong");
        let other = KEY.replace("00", "99");
        crate::import_chats(&keepsake, &folder, typed(&other), &Unwatched).await.unwrap_err();

        let report = crate::import_chats(&keepsake, &folder, typed(KEY), &Unwatched).await.unwrap();
        assert_eq!((report.messages, report.kind.as_str()), (1, "signal"));
        let chats = crate::conversations(&keepsake).await.unwrap();
        assert_eq!(chats[0].title, "Nele");
    }
}
