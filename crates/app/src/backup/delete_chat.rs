//! Deleting a chat for good: from this computer, and from the backups that it knows.

use super::archive_source::stream_name_of;
use super::forget::{Forgotten, forget};
use crate::progress::watched;
use crate::{AppError, Keepsake, Result, Watch};
use chat_archive::{ConversationId, MediaVault};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashSet;

/// What was deleted, and where it is still.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub struct DeletedChat {
    /// On this computer.
    pub messages: u64,
    pub media: u64,
    pub backups: Vec<Forgotten>,
    /// Backups that have it as they had it.
    pub still_there: Vec<StillThere>,
}

/// A backup that could not be changed.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct StillThere {
    pub url: String,
    /// Names the chat there.
    pub chats: Vec<String>,
    pub reason: String,
}

/// Deletes a conversation, with the media that nothing else names, from every backup that this
/// computer knows and can reach, and then from the archive. Earlier snapshots have it until they
/// are pruned; other computers have it as before.
///
/// # Errors
/// `not_found`; `busy`, `disk_full`: the archive has it as before. A backup that cannot be changed
/// is in the report.
pub async fn delete_chat(
    keepsake: &Keepsake,
    conversation: i64,
    watch: &dyn Watch,
) -> Result<DeletedChat> {
    let keepsake = keepsake.clone();
    watched(watch, move |watch| {
        let id = ConversationId(conversation);
        let mut archive = keepsake.archive()?;
        let streams: HashSet<String> =
            archive.threads_of(id)?.iter().map(|t| stream_name_of(t.source, &t.key)).collect();
        let mut report = DeletedChat::default();
        for place in keepsake.destinations()? {
            match forget_there(&keepsake, &place.url, &streams, watch) {
                Ok(forgotten) => report.backups.extend(forgotten),
                Err(error) if error.code == "cancelled" => return Err(error),
                Err(error) => report.still_there.push(still_there(place.url, &streams, &error)),
            }
        }
        keepsake.clear_leftovers()?;
        // Media that are not removed because this is killed are left over then.
        let _writing = keepsake.mark_writing()?;
        let deleted = archive.delete_conversation(id)?;
        report.messages = deleted.messages;
        let vault = keepsake.media()?;
        for hash in deleted.media {
            vault.delete(&hash).map_err(|e| AppError::disk("removing a media file", &e))?;
            report.media += 1;
        }
        Ok(report)
    })
    .await
}

/// `None` where the newest snapshot has nothing of it.
fn forget_there(
    keepsake: &Keepsake,
    url: &str,
    streams: &HashSet<String>,
    watch: &dyn Watch,
) -> Result<Option<Forgotten>> {
    let choose = |all: Vec<crate::model::BackedUpChat>| {
        Ok(all.into_iter().map(|chat| chat.id).filter(|id| streams.contains(id)).collect())
    };
    match forget(keepsake, url, choose, watch) {
        Ok(forgotten) => Ok(Some(forgotten).filter(|f| f.records + f.media > 0)),
        // There is no snapshot yet.
        Err(error) if error.code == "not_found" => Ok(None),
        Err(error) => Err(error),
    }
}

fn still_there(url: String, streams: &HashSet<String>, error: &AppError) -> StillThere {
    StillThere { url, chats: streams.iter().cloned().collect(), reason: error.happened.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{
        back_up, browse_backup, check_backup, export_header, forget_chats, restore,
    };
    use crate::{ImportOptions, KeyStore, Surroundings, Unwatched, conversations, import_chats};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    /// A chat with a photo of its own and one that all chats have.
    fn export(dir: &Path, title: &str) -> PathBuf {
        let folder = dir.join(title);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("IMG-1.jpg"), format!("of {title}")).unwrap();
        fs::write(folder.join("IMG-2.jpg"), "of all").unwrap();
        let lines = ["IMG-1.jpg (file attached)", "IMG-2.jpg (file attached)", "hello"];
        let text: String =
            lines.iter().map(|line| format!("13/02/2026, 10:00 - {title}: {line}\n")).collect();
        fs::write(folder.join(format!("WhatsApp Chat with {title}.txt")), text).unwrap();
        folder
    }

    struct Computer {
        dir: tempfile::TempDir,
        keepsake: Keepsake,
    }

    impl Computer {
        async fn with_two_chats() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let around = Surroundings {
                key_store: Some(KeyStore::File),
                ..Surroundings::of_this_computer()
            };
            let keepsake = Keepsake::open_in(&dir.path().join("home"), around).unwrap();
            let computer = Self { dir, keepsake };
            for title in ["Mira", "Noor"] {
                computer.import(title).await;
            }
            computer
        }

        async fn import(&self, title: &str) {
            let path = export(self.dir.path(), title);
            import_chats(&self.keepsake, &path, ImportOptions::default(), &Unwatched)
                .await
                .unwrap();
        }

        fn repo(&self, name: &str) -> String {
            self.dir.path().join(name).to_str().unwrap().to_owned()
        }

        async fn back_up(&self, name: &str) {
            back_up(&self.keepsake, &self.repo(name), Duration::ZERO, &Unwatched).await.unwrap();
        }

        async fn titles(&self) -> Vec<String> {
            conversations(&self.keepsake).await.unwrap().into_iter().map(|c| c.title).collect()
        }

        async fn backed_up(&self, name: &str, snapshot: Option<&str>) -> Vec<String> {
            let chats = browse_backup(&self.keepsake, &self.repo(name), snapshot.map(Into::into))
                .await
                .unwrap();
            let mut titles: Vec<String> = chats.into_iter().filter_map(|c| c.title).collect();
            titles.sort();
            titles
        }

        async fn number_of(&self, title: &str) -> i64 {
            conversations(&self.keepsake)
                .await
                .unwrap()
                .into_iter()
                .find(|c| c.title == title)
                .unwrap()
                .id
        }
    }

    #[tokio::test]
    async fn a_deleted_chat_is_gone_here_and_from_the_next_snapshot_and_nothing_else_is() {
        let computer = Computer::with_two_chats().await;
        computer.back_up("disk").await;
        let id = computer.number_of("Mira").await;
        let deleted = delete_chat(&computer.keepsake, id, &Unwatched).await.unwrap();
        assert_eq!(
            (deleted.messages, deleted.media, deleted.still_there.len()),
            (3, 1, 0),
            "{deleted:?}"
        );
        let [forgotten] = deleted.backups.as_slice() else { panic!("{deleted:?}") };
        assert_eq!((forgotten.snapshot, forgotten.media, forgotten.earlier_snapshots), (2, 1, 1));
        assert_eq!(computer.titles().await, ["Noor"]);
        assert_eq!(computer.backed_up("disk", None).await, ["Noor"]);
        assert_eq!(computer.backed_up("disk", Some("1")).await, ["Mira", "Noor"], "until a prune");

        computer.back_up("disk").await;
        assert_eq!(
            computer.backed_up("disk", None).await,
            ["Noor"],
            "it does not come back by itself"
        );
        let restored =
            restore(&computer.keepsake, &computer.repo("disk"), None, &Unwatched).await.unwrap();
        assert_eq!((restored.messages, restored.problems.len()), (0, 0));
        let checked = check_backup(&computer.keepsake, &computer.repo("disk"), true, &Unwatched)
            .await
            .unwrap();
        assert!(checked.problems.is_empty(), "{checked:?}");

        computer.import("Mira").await;
        computer.back_up("disk").await;
        assert_eq!(
            computer.backed_up("disk", None).await,
            ["Mira", "Noor"],
            "whoever imports it again has it again"
        );
    }

    #[tokio::test]
    async fn a_backup_that_is_not_plugged_in_is_named_and_can_forget_it_later() {
        let computer = Computer::with_two_chats().await;
        computer.back_up("disk").await;
        computer.back_up("stick").await;
        let (there, away) = (computer.repo("stick"), computer.repo("in a drawer"));
        fs::rename(&there, &away).unwrap();
        let id = computer.number_of("Mira").await;
        let deleted = delete_chat(&computer.keepsake, id, &Unwatched).await.unwrap();
        let [still] = deleted.still_there.as_slice() else { panic!("{deleted:?}") };
        assert_eq!((still.url.as_str(), deleted.backups.len()), (there.as_str(), 1));
        assert_eq!(computer.titles().await, ["Noor"]);

        fs::rename(&away, &there).unwrap();
        assert_eq!(computer.backed_up("stick", None).await, ["Mira", "Noor"]);
        let chats = still.chats.clone();
        let forgotten =
            forget_chats(&computer.keepsake, &there, chats.clone(), &Unwatched).await.unwrap();
        // Its messages, and which export they came from.
        assert_eq!((forgotten.records, forgotten.media), (4, 1));
        assert_eq!(computer.backed_up("stick", None).await, ["Noor"]);
        let again = forget_chats(&computer.keepsake, &there, chats, &Unwatched).await.unwrap_err();
        assert_eq!(again.code, "not_found");
    }

    #[tokio::test]
    async fn a_backup_without_headers_opens_with_an_exported_one() {
        let computer = Computer::with_two_chats().await;
        computer.back_up("disk").await;
        let out = computer.dir.path().join("header.json");
        export_header(&computer.keepsake, &computer.repo("disk"), &out).await.unwrap();
        let again =
            export_header(&computer.keepsake, &computer.repo("disk"), &out).await.unwrap_err();
        assert_eq!(again.code, "exists");
        let header = Path::new(&computer.repo("disk")).join("keepsake.json");
        fs::remove_file(&header).unwrap();
        fs::remove_file(Path::new(&computer.repo("disk")).join("copies/keepsake.json")).unwrap();
        fs::copy(&out, &header).unwrap();
        assert_eq!(computer.backed_up("disk", None).await, ["Mira", "Noor"]);
    }
}
