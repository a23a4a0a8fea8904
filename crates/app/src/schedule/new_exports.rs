//! New exports in the folders that are watched: offered, or imported where the person said so.

use super::watched_file::{Folder, Mark, entries};
use crate::chats::{import_from, look_into};
use crate::model::{Detected, Offer};
use crate::{ImportOptions, Keepsake, Result, Watch};
use serde::Serialize;
use specta::Type;
use std::collections::BTreeMap;
use std::path::Path;

/// A file that is younger may still be downloaded or copied.
const SETTLED: u64 = 60;

/// New entries that are opened in one pass; the others have their turn in the next.
const MAX_LOOKS: usize = 20;

/// What came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct NewExports {
    /// Exports that wait for the person.
    pub offered: u64,
    /// New messages of exports that were imported.
    pub messages: u64,
}

/// Looks through all folders.
pub(super) fn look_for_exports(keepsake: &Keepsake, watch: &dyn Watch) -> Result<NewExports> {
    let mut all = NewExports::default();
    for folder in keepsake.watched()?.folders {
        let now = entries(Path::new(&folder.path));
        let new = unseen(&folder.seen, &now, keepsake.now());
        if new.is_empty() && folder.seen.keys().all(|name| now.contains_key(name)) {
            continue;
        }
        let mut offers = Vec::new();
        for name in &new {
            let path = Path::new(&folder.path).join(name);
            match take(keepsake, &folder, &path, watch) {
                Some(Taken::Offered(offer)) => offers.push(offer),
                Some(Taken::Imported(messages)) => all.messages += messages,
                None => {}
            }
        }
        all.offered += offers.len() as u64;
        keepsake.change_watched(|file| {
            offers.into_iter().for_each(|offer| file.offer(offer));
            if let Some(kept) = file.folders.iter_mut().find(|f| f.path == folder.path) {
                kept.seen.retain(|name, _| now.contains_key(name));
                kept.seen.extend(new.into_iter().filter_map(|n| now.get(&n).map(|m| (n, *m))));
            }
            Ok(())
        })?;
    }
    Ok(all)
}

/// Entries that are new or other than before, and have come to rest.
fn unseen(
    seen: &BTreeMap<String, Mark>,
    now: &BTreeMap<String, Mark>,
    unix_now: u64,
) -> Vec<String> {
    let new = now.iter().filter(|(name, mark)| {
        let at_rest = unix_now.saturating_sub(mark.modified) >= SETTLED;
        at_rest && may_be_export(name) && seen.get(*name) != Some(*mark)
    });
    new.map(|(name, _)| name.clone()).take(MAX_LOOKS).collect()
}

/// By its name: folders, and what messengers write. A download on its way has another ending.
fn may_be_export(name: &str) -> bool {
    const ENDINGS: &[&str] = &["zip", "txt", "json", "html"];
    if name.starts_with('.') {
        return false;
    }
    match name.rsplit_once('.') {
        None => true,
        // A folder may have a dot in its name, and no file of another kind is an export.
        Some((_, ending)) => {
            ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) || ending.contains(' ')
        }
    }
}

enum Taken {
    Offered(Offer),
    Imported(u64),
}

/// `None` for what is no export, or one that needs a key: the person brings those.
fn take(keepsake: &Keepsake, folder: &Folder, path: &Path, watch: &dyn Watch) -> Option<Taken> {
    let options = ImportOptions::default();
    let found = look_into(keepsake, path, &options).ok().filter(|found| !found.kind.is_empty())?;
    if !folder.by_itself {
        return Some(Taken::Offered(offer(path, found, None)));
    }
    match import_from(keepsake, path, &options, watch) {
        Ok(report) => Some(Taken::Imported(report.messages)),
        Err(error) => Some(Taken::Offered(offer(path, found, Some(error.happened)))),
    }
}

fn offer(path: &Path, found: Detected, refused: Option<String>) -> Offer {
    let path = path.display().to_string();
    Offer { path, kind: found.kind, conversations: found.conversations, refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_has_come_to_rest_and_may_be_an_export() {
        let mark = |size, modified| Mark { size, modified };
        let seen = BTreeMap::from([
            ("old.zip".to_owned(), mark(1, 100)),
            ("again.zip".to_owned(), mark(1, 100)),
        ]);
        let now = BTreeMap::from([
            ("old.zip".to_owned(), mark(1, 100)),
            ("again.zip".to_owned(), mark(2, 900)),
            ("ChatExport_2026-01-05".to_owned(), mark(0, 900)),
            ("WhatsApp Chat with Mira.txt".to_owned(), mark(5, 900)),
            ("young.zip".to_owned(), mark(1, 990)),
            ("video.mp4".to_owned(), mark(1, 900)),
            ("half.zip.part".to_owned(), mark(1, 900)),
            (".hidden.zip".to_owned(), mark(1, 900)),
        ]);
        let expected = ["ChatExport_2026-01-05", "WhatsApp Chat with Mira.txt", "again.zip"];
        assert_eq!(unseen(&seen, &now, 1000), expected);
        assert!(unseen(&seen, &now, 0).is_empty(), "a clock that is wrong finds nothing");
    }
}
