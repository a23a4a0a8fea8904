//! The key slots of kits in the headers of backups.

use super::known_kits::{KnownKit, repository_name, slot_of};
use crate::{Keepsake, Result};
use backup_engine::Repository;
use rand_core::OsRng;
use sealed_keys::{BackupKey, Header, KeyError, OfflineKey, SlotId, SlotKind};

/// What a backup's header lacks, and has too much.
#[derive(Default)]
struct Work {
    missing: Vec<(u64, OfflineKey)>,
    stale: Vec<SlotId>,
}

/// Gives a backup a slot for each kit of its key, and takes those of removed kits away. A kit whose
/// slot somebody took away is removed here too.
pub(crate) fn renew_kit_slots(
    keepsake: &Keepsake,
    repository: &mut Repository,
    key: &BackupKey,
) -> Result<()> {
    let before = keepsake.known_kits()?;
    if before.is_empty() {
        return Ok(());
    }
    let mut kits = before.clone();
    let work = compare(keepsake, repository.header(), key, &mut kits)?;
    if !work.missing.is_empty() || !work.stale.is_empty() {
        repository.update_header(key, |header| carry_out(&work, header, key))?;
    }
    let state = |kits: &[KnownKit]| -> Vec<_> {
        kits.iter().map(|kit| (kit.removed, kit.given.len())).collect()
    };
    if state(&before) == state(&kits) { Ok(()) } else { keepsake.write_kits(kits) }
}

fn compare(
    keepsake: &Keepsake,
    header: &Header,
    key: &BackupKey,
    kits: &mut [KnownKit],
) -> Result<Work> {
    let here = repository_name(&header.repository);
    let mut work = Work::default();
    for kit in kits.iter_mut().filter(|kit| kit.is_of(key)) {
        let offline = kit.offline_key(keepsake)?;
        let slot = slot_of(header, &offline.slot_key());
        let given = kit.given.contains(&here);
        match slot {
            Some(slot) if kit.removed => work.stale.push(slot),
            Some(_) => {}
            None if kit.removed => {}
            None if given => kit.removed = true,
            None => work.missing.push((kit.made, offline)),
        }
        if !kit.removed && !given {
            kit.given.push(here.clone());
        }
    }
    Ok(work)
}

fn carry_out(
    work: &Work,
    header: &mut Header,
    key: &BackupKey,
) -> std::result::Result<(), KeyError> {
    for (made, offline) in &work.missing {
        let parameters = serde_json::json!({});
        let slot_key = offline.slot_key();
        header.add_slot(key, SlotKind::OfflineKey, parameters, &slot_key, *made, &mut OsRng)?;
    }
    work.stale.iter().try_for_each(|slot| header.remove_slot(key, slot))
}
