//! The person's computers, as the header has them: each can be given a new backup key, or be left
//! out.

use super::Header;
use crate::aead::{open_box, seal_box};
use crate::computer::{ComputerId, ComputerKey, ComputerPublic, ComputerSlot, MAX_COMPUTER_NAME};
use crate::error::KeyError;
use crate::hierarchy::{BackupKey, RepositoryId};
use crate::labels;
use crate::slot::{Slot, SlotId, SlotKind, from_hex};
use rand_core::{CryptoRng, RngCore};

/// A computer that has a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computer {
    /// Names it.
    pub id: ComputerId,
    /// What others seal to.
    pub public: ComputerPublic,
    /// As its person called it, at most [`MAX_COMPUTER_NAME`] bytes.
    pub name: String,
    /// Unix seconds at which it joined.
    pub joined: u64,
    /// Which computer wrapped the backup key for it; its own when it joined by itself.
    pub by: ComputerId,
    /// The slot that it opens.
    pub slot: SlotId,
}

impl Header {
    /// Gives a computer a slot in place of the one it may have. `by` is the computer that does it;
    /// `name` is cut to [`MAX_COMPUTER_NAME`] bytes, and nobody reads it without the backup key.
    ///
    /// # Errors
    /// As [`Header::add_slot`]; `Malformed` for a public key that is none.
    pub fn add_computer(
        &mut self,
        key: &BackupKey,
        (public, name): (&ComputerPublic, &str),
        by: &ComputerKey,
        joined: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SlotId, KeyError> {
        self.verify(key)?;
        let name = seal_name(self.repository, key, (public, name), rng);
        let parameters = ComputerSlot { public: public.clone(), by: by.public(), name };
        let value = serde_json::to_value(parameters).expect("strings");
        let mut slot = Slot::unwrapped(&SlotKind::Computer, value, joined, rng);
        let info = info(self.repository, &slot)?;
        slot.wrapped = hex::encode(by.wrap_for(public, &info, key.secret(), rng)?);
        self.slots.retain(|s| s.computer().ok().is_none_or(|c| c.public != *public));
        self.push(key, slot)
    }

    /// The computers that have slots, oldest first. Slots of a later version are passed over.
    ///
    /// # Errors
    /// As [`Header::verify`].
    pub fn computers(&self, key: &BackupKey) -> Result<Vec<Computer>, KeyError> {
        self.verify(key)?;
        let mut all: Vec<Computer> = self
            .slots_of(&SlotKind::Computer)
            .filter_map(|slot| {
                let found = slot.computer().ok()?;
                let name = open_name(self.repository, key, &found).unwrap_or_default();
                Some(Computer {
                    id: found.public.id(),
                    public: found.public,
                    name,
                    joined: slot.created,
                    by: found.by.id(),
                    slot: slot.id.clone(),
                })
            })
            .collect();
        all.sort_by_key(|c| c.joined);
        Ok(all)
    }

    /// Whether this computer has a slot. Needs no key, and says nothing of whether it opens.
    pub fn names_computer(&self, id: &ComputerId) -> bool {
        self.slots_of(&SlotKind::Computer).any(|s| s.computer().is_ok_and(|c| c.public.id() == *id))
    }

    /// The backup key, from this computer's slot, if one of the `trusted` computers wrapped it.
    ///
    /// # Errors
    /// `NoSuchSlot`; `UnknownComputer`; `Damaged` (the slot does not open), `WrongKey`.
    pub fn open_computer(
        &self,
        mine: &ComputerKey,
        trusted: &[ComputerId],
    ) -> Result<BackupKey, KeyError> {
        let public = mine.public();
        let own = |slot: &&Slot| slot.computer().is_ok_and(|c| c.public == public);
        let slot = self.slots_of(&SlotKind::Computer).find(own).ok_or(KeyError::NoSuchSlot)?;
        let by = slot.computer()?.by;
        if !trusted.contains(&by.id()) {
            return Err(KeyError::UnknownComputer);
        }
        let info = info(self.repository, slot)?;
        let secret = mine.unwrap_from(&by, &info, &from_hex(&slot.wrapped)?);
        let key = BackupKey::from_secret(secret.map_err(|_| KeyError::Damaged(slot.name()))?);
        self.verify(&key)?;
        Ok(key)
    }
}

/// Everything that the wrapping binds: no slot opens in another's place.
fn info(repository: RepositoryId, slot: &Slot) -> Result<Vec<u8>, KeyError> {
    let parameters = slot.bound_parameters()?;
    Ok(vault_protocol::labelled(labels::COMPUTER_SLOT, &slot.fields(&repository, &parameters)))
}

fn seal_name(
    repository: RepositoryId,
    key: &BackupKey,
    (public, name): (&ComputerPublic, &str),
    rng: &mut (impl RngCore + CryptoRng),
) -> String {
    let end = name.floor_char_boundary(MAX_COMPUTER_NAME);
    // Padded, so that its length is not seen.
    let mut padded = name.as_bytes()[..end].to_vec();
    padded.resize(MAX_COMPUTER_NAME, 0);
    let name_key = key.derive(labels::COMPUTER_NAME_KEY, &[&repository.0]);
    let fields: [&[u8]; 2] = [&repository.0, public.as_bytes()];
    hex::encode(seal_box(&name_key, labels::COMPUTER_NAME, &fields, &padded, rng))
}

fn open_name(repository: RepositoryId, key: &BackupKey, slot: &ComputerSlot) -> Option<String> {
    let name_key = key.derive(labels::COMPUTER_NAME_KEY, &[&repository.0]);
    let fields: [&[u8]; 2] = [&repository.0, slot.public.as_bytes()];
    let sealed = from_hex(&slot.name).ok()?;
    let opened = open_box(&name_key, labels::COMPUTER_NAME, &fields, &sealed).ok()?;
    Some(String::from_utf8(opened).ok()?.trim_end_matches('\0').to_string())
}
