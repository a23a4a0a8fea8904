//! `kits.json`: the kits that were made on this computer, each with its key sealed under the
//! computer's own key, so that later backups get a slot for it.

use crate::{AppError, Keepsake, NextStep, Result};
use rand_core::OsRng;
use sealed_keys::{
    BackupKey, Header, OfflineKey, RepositoryId, Secret, SlotId, SlotKey, SlotKind, open_box,
    seal_box,
};
use serde::{Deserialize, Serialize};

const NAME: &str = "kits.json";
const TYPE: &str = "keepsake/kits/v1";
const LABEL: &str = "home-kit";
/// A kit is under 1 KiB, and 40 bytes for each backup that has it; nobody prints 1000.
const MAX_FILE: u64 = 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    kits: Vec<KnownKit>,
}

/// A kit, as this computer remembers it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KnownKit {
    /// 8 hex digits.
    pub id: String,
    /// Hex: the owner key of the backup key that it opens.
    owner: String,
    /// Unix seconds.
    pub made: u64,
    /// Unix seconds at which the person showed that they have it on paper.
    pub saved: Option<u64>,
    /// Unix seconds at which it was typed again and opened a backup.
    pub proved: Option<u64>,
    /// It is to open nothing any more: its slots go from every backup that is seen again.
    pub removed: bool,
    /// Repositories that got a slot for it. A slot that is gone from one was taken away.
    pub given: Vec<String>,
    /// Hex of the sealed key.
    sealed: String,
}

impl KnownKit {
    /// A new kit of this backup key, which nobody has on paper yet.
    pub(super) fn new(keepsake: &Keepsake, backup: &BackupKey, offline: &OfflineKey) -> Self {
        let id = hex::encode(Secret::<4>::generate(&mut OsRng).expose());
        let owner = owner(backup);
        let key = keepsake.local_key().data_key(LABEL);
        let fields: [&[u8]; 2] = [id.as_bytes(), owner.as_bytes()];
        let sealed = seal_box(&key, LABEL, &fields, offline.secret().expose(), &mut OsRng);
        Self {
            id,
            owner,
            made: keepsake.now(),
            saved: None,
            proved: None,
            removed: false,
            given: vec![],
            sealed: hex::encode(sealed),
        }
    }

    /// The key on its paper.
    pub(super) fn offline_key(&self, keepsake: &Keepsake) -> Result<OfflineKey> {
        let sealed = hex::decode(&self.sealed).map_err(|e| damaged(&e))?;
        let key = keepsake.local_key().data_key(LABEL);
        let fields: [&[u8]; 2] = [self.id.as_bytes(), self.owner.as_bytes()];
        let opened = zeroize::Zeroizing::new(open_box(&key, LABEL, &fields, &sealed)?);
        let secret =
            Secret::from_slice(&opened).ok_or_else(|| damaged(&"a key is of another length"))?;
        Ok(OfflineKey::from_secret(secret))
    }

    /// Whether it is for backups of this key. One of a former key opens nothing that is new.
    pub(crate) fn is_of(&self, backup: &BackupKey) -> bool {
        self.owner == owner(backup)
    }
}

impl Keepsake {
    /// All kits, also those that were removed, oldest first.
    pub(crate) fn known_kits(&self) -> Result<Vec<KnownKit>> {
        let Some(bytes) = self.read(NAME, MAX_FILE)? else { return Ok(vec![]) };
        let file: File = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if file.kind != TYPE {
            return Err(damaged(&"unknown type"));
        }
        Ok(file.kits)
    }

    /// Those that may be on paper and open the backups that this computer makes now.
    pub(crate) fn present_kits(&self) -> Result<Vec<KnownKit>> {
        let Some(key) = self.backup_key()? else { return Ok(vec![]) };
        let mut kits = self.known_kits()?;
        kits.retain(|kit| !kit.removed && kit.is_of(&key));
        Ok(kits)
    }

    pub(super) fn write_kits(&self, kits: Vec<KnownKit>) -> Result<()> {
        let file = File { kind: TYPE.into(), kits };
        self.write(NAME, &serde_json::to_vec_pretty(&file).expect("plain data"))
    }

    /// Changes the kit `id`.
    pub(super) fn change_kit(&self, id: &str, change: impl FnOnce(&mut KnownKit)) -> Result<()> {
        let mut kits = self.known_kits()?;
        let kit = kits.iter_mut().find(|kit| kit.id == id && !kit.removed);
        change(kit.ok_or_else(|| no_such_kit(id))?);
        self.write_kits(kits)
    }
}

/// An offline key that the person has on paper already becomes a kit of the present backup key.
pub(crate) fn keep_as_kit(keepsake: &Keepsake, offline: &OfflineKey) -> Result<()> {
    let backup = keepsake.backup_key_or_new()?;
    for kit in keepsake.present_kits()? {
        if kit.offline_key(keepsake)? == *offline {
            return Ok(());
        }
    }
    let kit = KnownKit { saved: Some(keepsake.now()), ..KnownKit::new(keepsake, &backup, offline) };
    let mut all = keepsake.known_kits()?;
    all.push(kit);
    keepsake.write_kits(all)
}

/// The slot of a header that a key opens.
pub(super) fn slot_of(header: &Header, key: &SlotKey) -> Option<SlotId> {
    let opens = |id: &SlotId| header.open_slot(id, key).is_ok();
    header.slots_of(&SlotKind::OfflineKey).map(|slot| slot.id.clone()).find(opens)
}

/// A header was made anew, with slots of nobody: what it lacks was not taken away.
pub(crate) fn forget_slots_in(keepsake: &Keepsake, repository: &RepositoryId) -> Result<()> {
    let mut kits = keepsake.known_kits()?;
    let name = repository_name(repository);
    if kits.iter().all(|kit| !kit.given.contains(&name)) {
        return Ok(());
    }
    kits.iter_mut().for_each(|kit| kit.given.retain(|given| *given != name));
    keepsake.write_kits(kits)
}

/// The kit whose slot this is was removed from a backup by hand: it is not given back.
pub(crate) fn note_removed(keepsake: &Keepsake, header: &Header, slot: &SlotId) -> Result<()> {
    for kit in keepsake.known_kits()?.into_iter().filter(|kit| !kit.removed) {
        let key = kit.offline_key(keepsake)?.slot_key();
        if slot_of(header, &key).as_ref() == Some(slot) {
            return keepsake.change_kit(&kit.id, |kit| kit.removed = true);
        }
    }
    Ok(())
}

/// Slots of a header that belong to kits which may be on no paper.
pub(crate) fn slots_of_unsaved(keepsake: &Keepsake, header: &Header) -> Result<usize> {
    let mut slots = 0;
    for kit in keepsake.present_kits()?.iter().filter(|kit| kit.saved.is_none()) {
        let key = kit.offline_key(keepsake)?.slot_key();
        slots += usize::from(slot_of(header, &key).is_some());
    }
    Ok(slots)
}

/// As [`KnownKit::given`] names it.
pub(super) fn repository_name(id: &RepositoryId) -> String {
    hex::encode(id.0)
}

fn owner(backup: &BackupKey) -> String {
    hex::encode(backup.owner_key().public())
}

pub(super) fn no_such_kit(id: &str) -> AppError {
    let happened = format!("There is no recovery kit {id}.");
    AppError::new("not_found", happened, "Nothing was changed.", NextStep::SeeKits)
}

fn damaged(why: &dyn std::fmt::Display) -> AppError {
    AppError::damaged(NAME, why, NextStep::MoveKitsAway)
}
