//! A person's computer in a temporary folder, with a WhatsApp export that was invented for these
//! tests.

use app::model::{BackupReport, ConversationView, ImportReport, MessageView};
use app::{
    ImportOptions, Keepsake, KeyStore, NextStep, RecoverySecret, Result, Surroundings, Unwatched,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) struct Computer {
    dir: tempfile::TempDir,
    pub keepsake: Keepsake,
}

impl Computer {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keepsake = home(&dir.path().join("home"));
        Self { dir, keepsake }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_string()
    }

    /// A chat with Mira: three messages, one with a photo.
    pub(crate) fn mira(&self) -> PathBuf {
        let lines = "23/11/2026, 09:15 - Mira: The ferry leaves at nine\n\
                     23/11/2026, 09:16 - Jonas: IMG-0001.jpg (file attached)\n\
                     24/11/2026, 18:30 - Mira: Thank you for the plums\n";
        let folder = self.export("Mira", lines);
        std::fs::write(folder.join("IMG-0001.jpg"), PHOTO).unwrap();
        folder
    }

    /// A chat as WhatsApp exports it, in a folder.
    pub(crate) fn export(&self, with: &str, lines: &str) -> PathBuf {
        let folder = self.path(&format!("WhatsApp Chat with {with}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("WhatsApp Chat with {with}.txt")), lines).unwrap();
        folder
    }

    pub(crate) async fn imports(&self, export: &Path) -> Result<ImportReport> {
        app::import_chats(&self.keepsake, export, ImportOptions::default(), &Unwatched).await
    }

    pub(crate) async fn chat(&self, title: &str) -> ConversationView {
        let all = app::conversations(&self.keepsake).await.unwrap();
        all.into_iter().find(|chat| chat.title == title).unwrap()
    }

    pub(crate) async fn messages(&self, title: &str) -> Vec<MessageView> {
        let chat = self.chat(title).await;
        app::messages(&self.keepsake, chat.id, 0, 100).await.unwrap()
    }

    pub(crate) async fn backs_up(&self, repo: &str) -> Result<BackupReport> {
        app::back_up(&self.keepsake, repo, Duration::ZERO, &Unwatched).await
    }

    /// With the chat of [`Computer::mira`], backed up; and where to.
    pub(crate) async fn backed_up() -> (Self, String) {
        let computer = Self::new();
        computer.imports(&computer.mira()).await.unwrap();
        let repo = computer.text("backup");
        computer.backs_up(&repo).await.unwrap();
        (computer, repo)
    }
}

pub(crate) const PHOTO: &[u8] = b"not really a photo, but its bytes count";

pub(crate) fn home(dir: &Path) -> Keepsake {
    let around =
        Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
    Keepsake::open_in(dir, around).unwrap()
}

pub(crate) fn secret(text: &str) -> RecoverySecret {
    RecoverySecret::new(text.to_string())
}

/// The code of a refusal and what can be done about it.
#[track_caller]
pub(crate) fn refused<T>(result: Result<T>) -> (&'static str, NextStep) {
    let error = result.err().expect("this should have been refused");
    assert!(error.happened.ends_with('.') && error.safe.ends_with('.'), "{error:?}");
    (error.code, error.next)
}

/// Every file below a folder whose path holds `part`.
pub(crate) fn files(dir: &Path, part: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, part));
        } else if path.to_str().unwrap().contains(part) {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn flip_a_bit(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}
