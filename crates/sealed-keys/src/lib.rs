//! Keys of a backup and of this computer: hierarchy, key slots, sealing, recovery codes, secret
//! types.
//!
//! The only client-side crate that names AEAD and KDF primitives. It asks nobody for randomness:
//! every function that needs some takes a generator. The normative text is `spec/backup-format.md`.
//!
//! ```
//! use sealed_keys::{BackupKey, Header, OfflineKey, OsRng, RepositoryId, SlotKind};
//! # fn main() -> Result<(), sealed_keys::KeyError> {
//! let backup_key = BackupKey::generate(&mut OsRng);
//! let mut header = Header::create(RepositoryId::generate(&mut OsRng), 1_764_000_000, &backup_key);
//! let offline = OfflineKey::generate(&mut OsRng);
//! let nothing_more = serde_json::json!({});
//! let created = 1_764_000_000;
//! let kind = SlotKind::OfflineKey;
//! header.add_slot(&backup_key, kind, nothing_more, &offline.slot_key(), created, &mut OsRng)?;
//! let typed = OfflineKey::parse(&offline.display())?;
//! assert_eq!(header.open_with(SlotKind::OfflineKey, &typed.slot_key())?, backup_key);
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod aead;
mod base32;
mod code;
mod computer;
mod device;
mod error;
mod header;
mod hierarchy;
mod kdf;
mod labels;
mod local;
mod media;
mod offline;
mod passkey;
mod secret;
mod slot;
mod slot_parameters;
mod stretch;

pub use aead::{Opener, SEAL_OVERHEAD, Sealer, TAG_LEN, open_box, seal_box};
pub use base32::{in_groups, read_base32, show_base32};
pub use code::{CodeKind, RecoveryCode};
pub use computer::{ComputerId, ComputerKey, ComputerPublic, ComputerSlot, MAX_COMPUTER_NAME};
pub use device::{DEVICE_SERVICE, DeviceKeyStore, FileKeyStore, KeyringStore, MemoryKeyStore};
pub use error::{CodeError, DeviceKeyError, KeyError};
pub use header::{Computer, FormerKey, HEADER_TYPE, Header, MAX_FORMER, MAX_HEADER};
pub use hierarchy::{
    BackupKey, FormerRepositoryKeys, LastSnapshot, ObjectIdKey, OwnerSigner, RepositoryId,
    RepositoryKeys,
};
pub use kdf::digest;
pub use local::LocalKey;
pub use media::{MEDIA_CHUNK, MediaCipher, MediaReader};
pub use offline::OfflineKey;
pub use passkey::{passkey_pin_key, passkey_unlock_key};
pub use rand_core::{CryptoRng, OsRng, RngCore};
pub use secret::{Secret, SecretText};
pub use slot::{Slot, SlotId, SlotKey, SlotKind};
pub use slot_parameters::{AccountAddress, PasskeySlot, RecoverySlot};
pub use stretch::Argon2Params;
pub use vault_protocol::labelled;
