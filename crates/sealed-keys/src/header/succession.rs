//! A backup key takes another one's place. What was sealed before stays readable to whoever has the
//! new key; whoever has only the old one reads nothing that came after.

use super::{HEADER_TYPE, Header, key_check, same};
use crate::aead::{open_box, seal_box};
use crate::error::KeyError;
use crate::hierarchy::{
    BackupKey, FormerRepositoryKeys, LastSnapshot, RepositoryId, RepositoryKeys,
};
use crate::kdf::mac;
use crate::labels;
use crate::secret::Secret;
use crate::slot::from_hex;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

/// How often a backup's key can be changed: once a month for more than two years. An object of the
/// oldest time is tried with each of them.
pub const MAX_FORMER: usize = 32;

/// A former key as it stands in the header, wrapped under the present one. About 500 bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Former {
    key_check: String,
    /// Unix seconds.
    replaced: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Last>,
    /// Hex of the sealed former key.
    wrapped: String,
    /// Hex: shows to whoever has the former key that somebody who had it made this header.
    proof: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Last {
    sequence: u64,
    /// 64 hex digits.
    hash: String,
}

/// A key that a backup had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerKey {
    /// Opens what was sealed in its time.
    pub key: BackupKey,
    /// Unix seconds.
    pub replaced: u64,
    /// None if nothing was backed up in its time.
    pub last: Option<LastSnapshot>,
}

impl Header {
    /// Makes `new` this backup's key. All slots go: whoever is to have the new key gets one
    /// afterwards.
    ///
    /// `last` is the newest snapshot, `now` in Unix seconds.
    ///
    /// # Errors
    /// As [`Header::verify`]; `Malformed` when the key was changed [`MAX_FORMER`] times, or `new`
    /// is not new.
    pub fn rekey(
        &mut self,
        old: &BackupKey,
        new: &BackupKey,
        (last, now): (Option<LastSnapshot>, u64),
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), KeyError> {
        let refused =
            |why: &str| KeyError::Malformed { what: "change of the backup key", why: why.into() };
        let mut former = vec![FormerKey { key: old.clone(), replaced: now, last }];
        former.extend(self.former_keys(old)?);
        if former.len() > MAX_FORMER {
            return Err(refused("it was changed too often: begin a new backup in another folder"));
        }
        if former.iter().any(|f| f.key == *new) {
            return Err(refused("the new key was this backup's before"));
        }
        self.type_name = HEADER_TYPE.into();
        self.key_check = key_check(self.repository, new);
        self.former = former.iter().map(|f| Former::wrap(self.repository, f, new, rng)).collect();
        self.slots.clear();
        self.changed(new);
        Ok(())
    }

    /// The keys that this backup had before, newest first.
    ///
    /// # Errors
    /// As [`Header::verify`]; `Malformed`.
    pub fn former_keys(&self, key: &BackupKey) -> Result<Vec<FormerKey>, KeyError> {
        self.verify(key)?;
        self.former.iter().map(|former| former.open(self.repository, key)).collect()
    }

    /// What the backup engine works with.
    ///
    /// # Errors
    /// As [`Header::former_keys`].
    pub fn repository_keys(&self, key: &BackupKey) -> Result<RepositoryKeys, KeyError> {
        let repository = self.repository;
        let retired = |former: FormerKey| {
            let RepositoryKeys { data, meta, object_id, .. } =
                former.key.repository_keys(repository);
            FormerRepositoryKeys { data, meta, object_id, last: former.last }
        };
        let former = self.former_keys(key)?.into_iter().map(retired).collect();
        Ok(RepositoryKeys { former, ..key.repository_keys(repository) })
    }

    /// Whether somebody who had `key` made this header, and gave the backup another one since.
    pub fn succeeds(&self, key: &BackupKey) -> bool {
        let check = key_check(self.repository, key);
        let proof = proof(self.repository, key, &self.key_check);
        self.former.iter().any(|f| same(&f.key_check, &check) && same(&f.proof, &proof))
    }
}

impl Former {
    fn wrap(
        repository: RepositoryId,
        former: &FormerKey,
        new: &BackupKey,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let check = key_check(repository, &former.key);
        let fields: [&[u8]; 2] = [&repository.0, check.as_bytes()];
        let secret = former.key.secret().expose();
        let wrapped =
            seal_box(&wrapping_key(repository, new), labels::FORMER_KEY, &fields, secret, rng);
        Self {
            replaced: former.replaced,
            last: former
                .last
                .map(|last| Last { sequence: last.sequence, hash: hex::encode(last.hash) }),
            wrapped: hex::encode(wrapped),
            proof: proof(repository, &former.key, &key_check(repository, new)),
            key_check: check,
        }
    }

    fn open(&self, repository: RepositoryId, key: &BackupKey) -> Result<FormerKey, KeyError> {
        let fields: [&[u8]; 2] = [&repository.0, self.key_check.as_bytes()];
        let wrapped = from_hex(&self.wrapped)?;
        let opened =
            open_box(&wrapping_key(repository, key), labels::FORMER_KEY, &fields, &wrapped)?;
        let opened = zeroize::Zeroizing::new(opened);
        let secret =
            Secret::from_slice(&opened).ok_or_else(|| KeyError::Damaged("a former key".into()))?;
        let last = self.last.as_ref().map(Last::read).transpose()?;
        Ok(FormerKey { key: BackupKey::from_secret(secret), replaced: self.replaced, last })
    }
}

impl Last {
    fn read(&self) -> Result<LastSnapshot, KeyError> {
        let mut hash = [0; 32];
        let read = hex::decode_to_slice(&self.hash, &mut hash);
        read.map_err(|e| KeyError::Malformed { what: "former key", why: e.to_string() })?;
        Ok(LastSnapshot { sequence: self.sequence, hash })
    }
}

fn wrapping_key(repository: RepositoryId, key: &BackupKey) -> Secret<32> {
    key.derive(labels::FORMER_KEY_KEY, &[&repository.0])
}

/// Hex of an HMAC under the former header key over the repository and the new key's check.
fn proof(repository: RepositoryId, former: &BackupKey, new_check: &str) -> String {
    let header_key = former.derive(labels::HEADER_KEY, &[&repository.0]);
    hex::encode(mac(&header_key, labels::SUCCESSION, &[&repository.0, new_check.as_bytes()]))
}
