//! Where this computer's backups are, and what it last saw there.

mod address;
mod computers;
mod logins;
mod opening;
mod stores;

pub(crate) use address::address;
use computers::{KnownComputer, renew_own_computer};
pub(crate) use computers::{add_own_computer, take_notices};
pub(crate) use opening::{open, open_to_write, open_to_write_in, open_unseen};
pub(crate) use stores::{existing_store, folder_store, new_store, try_place};

use crate::home::Account;
use crate::home::unix_now;
use crate::kit::{forget_slots_in, renew_kit_slots};
use crate::model::WayBack;
use crate::passkeys::renew_passkey_slots;
use crate::{AppError, Keepsake, NextStep, Result};
use backup_engine::{Repository, Seen};
use durable_files::{Format, State};
use rand_core::OsRng;
use sealed_keys::{BackupKey, Header, KeyError, Slot, SlotKind};
use serde::{Deserialize, Serialize};

const FILE: &str = "places.json";

/// `places.json`.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Destinations(Vec<Destination>);

impl State for Destinations {
    const FORMAT: Format = Format::Untyped;
    /// A hundred places, each with a hundred computers under 100 bytes.
    const MAX_BYTES: u64 = 1024 * 1024;
}

/// One backup of this computer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Destination {
    pub url: String,
    /// Unix seconds.
    pub last_backup: Option<u64>,
    /// Archive cursor that the last backup reached.
    pub cursor: u64,
    pub seen: Option<SeenFile>,
    /// Computers that had a slot when the header was last seen with a key of this computer's: only
    /// these can pass a new key on.
    #[serde(default)]
    pub computers: Vec<KnownComputer>,
    /// What the person has to be told with the next backup.
    #[serde(default)]
    pub notices: Vec<String>,
}

impl Destination {
    /// Where nothing was backed up or seen so far.
    pub(crate) fn new(url: String) -> Self {
        Self { url, last_backup: None, cursor: 0, seen: None, computers: vec![], notices: vec![] }
    }
}

/// The newest snapshot seen: an older state must not come back unnoticed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SeenFile {
    sequence: u64,
    hash: String,
    generation: u64,
}

impl From<Seen> for SeenFile {
    fn from(seen: Seen) -> Self {
        Self { sequence: seen.sequence, hash: hex::encode(seen.hash), generation: seen.generation }
    }
}

impl SeenFile {
    pub(crate) fn to_seen(&self) -> Option<Seen> {
        let mut hash = [0; 32];
        hex::decode_to_slice(&self.hash, &mut hash).ok()?;
        Some(Seen { sequence: self.sequence, hash, generation: self.generation })
    }
}

impl Keepsake {
    pub(crate) fn destinations(&self) -> Result<Vec<Destination>> {
        let next = NextStep::MovePlacesAway;
        let read: Option<Destinations> =
            self.read_state(FILE).map_err(|e| AppError::damaged(FILE, e, next))?;
        Ok(read.unwrap_or_default().0)
    }

    pub(crate) fn destination(&self, url: &str) -> Result<Option<Destination>> {
        Ok(self.destinations()?.into_iter().find(|p| p.url == url))
    }

    pub(crate) fn forget_destination(&self, url: &str) -> Result<()> {
        let mut places = self.destinations()?;
        places.retain(|p| p.url != url);
        self.write_state(FILE, &Destinations(places))
    }

    pub(crate) fn keep_destination(&self, place: Destination) -> Result<()> {
        let mut places = self.destinations()?;
        places.retain(|p| p.url != place.url);
        places.push(place);
        self.write_state(FILE, &Destinations(places))
    }
}

/// Remembers the newest state seen; with `cursor`, that a backup was just made.
pub(crate) fn remember(
    keepsake: &Keepsake,
    url: &str,
    repository: &Repository,
    cursor: Option<u64>,
) -> Result<()> {
    let mut place = keepsake.destination(url)?.unwrap_or_else(|| Destination::new(url.to_string()));
    if let Some(cursor) = cursor {
        place.last_backup = Some(unix_now());
        place.cursor = cursor;
    }
    place.seen = repository.seen()?.map(Into::into);
    let now = computers::of(repository)?;
    place.notices.extend(computers::joined(
        &place.computers,
        &now,
        &keepsake.local_key().computer_key().id(),
    ));
    place.computers = now;
    keepsake.keep_destination(place)
}

/// From now on any state of this backup is as good as another.
pub(crate) fn forget_seen(keepsake: &Keepsake, url: &str) -> Result<()> {
    match keepsake.destination(url)? {
        Some(place) => keepsake.keep_destination(Destination { seen: None, ..place }),
        None => Ok(()),
    }
}

/// For a header that was made anew: this computer's slot, and those of its code, passkeys and kits.
pub(crate) fn add_own_slots(keepsake: &Keepsake, repository: &mut Repository) -> Result<()> {
    let key = repository.key().clone();
    forget_slots_in(keepsake, &repository.header().repository)?;
    renew_all_slots(keepsake, repository, &key)
}

/// Brings a backup's header up to date with this computer, its code, its passkeys and its kits.
pub(crate) fn renew_all_slots(
    keepsake: &Keepsake,
    repository: &mut Repository,
    key: &BackupKey,
) -> Result<()> {
    renew_own_computer(keepsake, repository, key)?;
    renew_slots(repository, key, keepsake.account()?.as_ref())?;
    renew_passkey_slots(keepsake, repository, key)?;
    renew_kit_slots(keepsake, repository, key)
}

/// Makes the current account's slot the header's only recovery slot, unless the header has a
/// younger code's already (another computer made a new one). A slot of an older code opens nothing
/// any more.
fn renew_slots(
    repository: &mut Repository,
    key: &BackupKey,
    account: Option<&Account>,
) -> Result<()> {
    let Some(account) = account.filter(|account| account.is_of(key)) else { return Ok(()) };
    if repository.header().slots_of(&SlotKind::RecoveryCode).any(|slot| is_current(slot, account)) {
        return Ok(());
    }
    repository.update_header(key, |header| {
        let old: Vec<_> = header.slots_of(&SlotKind::RecoveryCode).map(|s| s.id.clone()).collect();
        add_recovery_slot(header, key, account)?;
        old.iter().try_for_each(|id| header.remove_slot(key, id))
    })?;
    Ok(())
}

/// Whether the slot is this account's newest or a younger one. Within an account the version tells,
/// whatever the clocks of two computers say; between accounts only the time of registration does.
fn is_current(slot: &Slot, account: &Account) -> bool {
    match slot.recovery() {
        Ok(other) if other.at.account == account.slot.at.account => {
            other.version >= account.slot.version
        }
        _ => slot.created > account.registered,
    }
}

pub(crate) fn add_recovery_slot(
    header: &mut Header,
    key: &BackupKey,
    account: &Account,
) -> std::result::Result<(), KeyError> {
    let secrets = (&account.code, &account.slot_key());
    header
        .add_recovery_code(key, &account.slot, secrets, account.registered, &mut OsRng)
        .map(|_| ())
}

/// Gives every known backup the slots of the current code and passkeys. Says which could not be
/// changed now: those get them with their next backup, and until then these do not open them.
pub(crate) async fn renew_ways_back(keepsake: &Keepsake) -> Vec<String> {
    let keepsake = keepsake.clone();
    let all = crate::progress::blocking(move || {
        let renew = |place: Destination| {
            renew_place(&keepsake, &place).err().map(|e| not_renewed(&place, &e))
        };
        Ok(keepsake.destinations()?.into_iter().filter_map(renew).collect())
    });
    all.await.unwrap_or_else(|e| {
        vec![format!(
            "Your backups do not know your newest code and passkeys yet: {} Back up again.",
            e.happened
        )]
    })
}

fn renew_place(keepsake: &Keepsake, place: &Destination) -> Result<()> {
    let mut repository = open_to_write(keepsake, &place.url)?;
    let key = repository.key().clone();
    renew_all_slots(keepsake, &mut repository, &key)?;
    remember(keepsake, &place.url, &repository, None)
}

fn not_renewed(place: &Destination, error: &AppError) -> String {
    format!(
        "The backup in {} does not know your newest code and passkeys yet: {} Back up to it again before you rely on it.",
        place.url, error.happened
    )
}

/// The ways into a backup, each once.
pub(crate) fn ways_back(header: &Header) -> Vec<WayBack> {
    let way = |kind: &str| match SlotKind::from(kind) {
        SlotKind::RecoveryCode => WayBack::RecoveryCode,
        SlotKind::Passkey => WayBack::Passkey,
        SlotKind::OfflineKey => WayBack::OfflineKey,
        // Two forms of the same way.
        SlotKind::ThisComputer | SlotKind::Computer => WayBack::ThisComputer,
        SlotKind::Other(_) => WayBack::Unknown,
    };
    let mut ways: Vec<WayBack> = header.slots.iter().map(|s| way(&s.kind)).collect();
    ways.sort();
    ways.dedup();
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use backup_engine::MemoryStore;
    use sealed_keys::{
        AccountAddress, Argon2Params, CodeKind, RecoveryCode, RecoverySlot, RepositoryId, Secret,
    };
    use std::sync::Arc;
    use vault_protocol::{Claim, FleetId, KeysDigest, OwnerKey};

    fn account(key: &BackupKey, version: u32, registered: u64) -> Account {
        let claim = Claim { owner: OwnerKey(key.owner_key().public()), nonce: [0; 16] };
        let at = AccountAddress {
            account: claim.account(),
            claim: claim.nonce,
            keys: KeysDigest([3; 32]),
            trust: [1; 32],
            fleet_id: FleetId([2; 16]),
            fleet_url: "https://fleet.example".into(),
        };
        let slot = RecoverySlot {
            at,
            version,
            access: Secret::generate(&mut OsRng),
            argon2: Argon2Params::default(),
            code: CodeKind::Generated,
        };
        let code = RecoveryCode::generate(&mut OsRng);
        Account { slot, registered, code, vault_key: Secret::generate(&mut OsRng) }
    }

    fn versions(repository: &Repository) -> Vec<u32> {
        repository
            .header()
            .slots_of(&SlotKind::RecoveryCode)
            .map(|s| s.recovery().unwrap().version)
            .collect()
    }

    #[test]
    fn the_younger_code_stays_whichever_computer_backs_up() {
        let key = BackupKey::generate(&mut OsRng);
        let older = account(&key, 1, 100);
        let younger = account(&key, 2, 100);
        let mut header = Header::create(RepositoryId::generate(&mut OsRng), 50, &key);
        add_recovery_slot(&mut header, &key, &older).unwrap();
        let mut repository =
            Repository::create(Arc::new(MemoryStore::default()), header, &key).unwrap();
        renew_slots(&mut repository, &key, Some(&younger)).unwrap();
        assert_eq!(versions(&repository), [2]);
        renew_slots(&mut repository, &key, Some(&account(&key, 1, 999))).unwrap();
        renew_slots(&mut repository, &key, None).unwrap();
        assert_eq!(
            versions(&repository),
            [2],
            "a computer that missed the change does not undo it"
        );
        assert_eq!(
            repository.header().open_with(SlotKind::RecoveryCode, &younger.slot_key()).unwrap(),
            key
        );
    }

    #[test]
    fn a_code_of_another_key_gets_no_slot() {
        let key = BackupKey::generate(&mut OsRng);
        let header = Header::create(RepositoryId::generate(&mut OsRng), 50, &key);
        let mut repository =
            Repository::create(Arc::new(MemoryStore::default()), header, &key).unwrap();
        let earlier = account(&BackupKey::generate(&mut OsRng), 3, 999);
        renew_slots(&mut repository, &key, Some(&earlier)).unwrap();
        assert_eq!(versions(&repository), [0; 0]);
    }
}
