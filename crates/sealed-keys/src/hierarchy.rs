//! The backup key and everything that is derived from it.

use crate::kdf::derive;
use crate::labels;
use crate::secret::Secret;
use ed25519_dalek::{Signer, SigningKey};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::fmt;
use vault_protocol::labelled;

/// A repository, for life. Random; not a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryId(pub [u8; 16]);

impl RepositoryId {
    /// Random.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        Self(id)
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepositoryId({self})")
    }
}

impl From<RepositoryId> for String {
    fn from(id: RepositoryId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for RepositoryId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut id = [0; 16];
        hex::decode_to_slice(text, &mut id).map_err(|_| "a repository id is 32 hex digits")?;
        Ok(Self(id))
    }
}

/// BK: 32 random bytes at the head of a repository's keys. Key slots wrap it.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupKey(Secret<32>);

impl BackupKey {
    /// Random.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self(Secret::generate(rng))
    }

    /// A key that was unwrapped or released.
    pub fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// To wrap it; nothing is encrypted with it itself.
    pub fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// Keys of one repository, as if it never had another backup key. See
    /// [`crate::Header::repository_keys`].
    pub fn repository_keys(&self, repository: RepositoryId) -> RepositoryKeys {
        RepositoryKeys {
            repository,
            data: self.derive(labels::DATA_KEY, &[&repository.0]),
            meta: self.derive(labels::META_KEY, &[&repository.0]),
            object_id: ObjectIdKey(self.derive(labels::OBJECT_ID_KEY, &[&repository.0])),
            former: Vec::new(),
        }
    }

    /// Signs what the vault asks an account's owner for.
    pub fn owner_key(&self) -> OwnerSigner {
        OwnerSigner(SigningKey::from_bytes(self.derive::<32>(labels::OWNER_KEY, &[]).expose()))
    }

    pub(crate) fn derive<const N: usize>(&self, label: &str, fields: &[&[u8]]) -> Secret<N> {
        derive(self.0.expose(), &[], label, fields)
    }
}

impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupKey(…)")
    }
}

/// What the backup engine works with.
#[derive(Clone, Debug)]
pub struct RepositoryKeys {
    /// Which backup it is.
    pub repository: RepositoryId,
    /// Root of all pack subkeys.
    pub data: Secret<32>,
    /// Root of index and snapshot subkeys.
    pub meta: Secret<32>,
    /// Names its objects.
    pub object_id: ObjectIdKey,
    /// Of the backup keys that the repository had before, newest first. Nothing is sealed under
    /// them any more.
    pub former: Vec<FormerRepositoryKeys>,
}

/// What opens the older part of a repository whose backup key was changed.
#[derive(Clone, Debug)]
pub struct FormerRepositoryKeys {
    /// Root of all pack subkeys of its time.
    pub data: Secret<32>,
    /// Root of index and snapshot subkeys of its time.
    pub meta: Secret<32>,
    /// Names objects of its time.
    pub object_id: ObjectIdKey,
    /// The newest snapshot of its time. Whoever has the old key could seal younger ones: they count
    /// for nothing.
    pub last: Option<LastSnapshot>,
}

/// The newest snapshot that a former backup key sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSnapshot {
    /// Counts a backup's snapshots, from 1.
    pub sequence: u64,
    /// SHA-256 of the snapshot file.
    pub hash: [u8; 32],
}

/// Names objects by keyed BLAKE3, so that equal content is found without showing what it is.
#[derive(Clone, Debug)]
pub struct ObjectIdKey(Secret<32>);

impl ObjectIdKey {
    /// keyed BLAKE3 of `labelled(label, fields)`, 32 bytes.
    pub fn id(&self, label: &str, fields: &[&[u8]]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose());
        // The same bytes as labelled(label, fields), without a copy of what may be a megabyte.
        hasher.update(&labelled(label, &[]));
        for field in fields {
            let len = u32::try_from(field.len()).expect("fields are bounded far below 4 GiB");
            hasher.update(&len.to_be_bytes()).update(field);
        }
        hasher.finalize().into()
    }
}

/// Ed25519 (RFC 8032) key of the account's owner. Wiped on drop.
pub struct OwnerSigner(SigningKey);

impl OwnerSigner {
    /// Ed25519: stands in an account's claim.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Ed25519 (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// For callers that take the library's own type.
    pub fn signing_key(&self) -> &SigningKey {
        &self.0
    }
}

impl fmt::Debug for OwnerSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerSigner(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readable pin of the hierarchy: another implementation must print the same lines.
    #[test]
    fn hierarchy_is_pinned() {
        let key = BackupKey::from_secret(Secret::new(std::array::from_fn(|i| i as u8)));
        let repository = RepositoryId(std::array::from_fn(|i| 0xa0 + i as u8));
        let keys = key.repository_keys(repository);
        let lines = [
            format!("backup key     {}", hex::encode(key.secret().expose())),
            format!("repository     {repository}"),
            format!("data key       {}", hex::encode(keys.data.expose())),
            format!("meta key       {}", hex::encode(keys.meta.expose())),
            format!("object id key  {}", hex::encode(keys.object_id.0.expose())),
            "object id of labelled(\"segment-id\", [\"hello\"])".to_string(),
            format!("               {}", hex::encode(keys.object_id.id("segment-id", &[b"hello"]))),
            format!("owner public   {}", hex::encode(key.owner_key().public())),
        ];
        assert_eq!(lines.join("\n") + "\n", include_str!("hierarchy.txt"));
    }

    #[test]
    fn an_object_id_is_keyed_blake3_of_the_labelled_message() {
        let key = ObjectIdKey(Secret::new([3; 32]));
        let whole = blake3::keyed_hash(&[3; 32], &labelled("segment-id", &[b"a", b"bc"]));
        assert_eq!(key.id("segment-id", &[b"a", b"bc"]), *whole.as_bytes());
    }

    #[test]
    fn repositories_share_no_keys() {
        let key = BackupKey::from_secret(Secret::new([1; 32]));
        let (a, b) = (
            key.repository_keys(RepositoryId([1; 16])),
            key.repository_keys(RepositoryId([2; 16])),
        );
        assert_ne!(a.data, b.data);
        assert_ne!(a.data, a.meta);
    }
}
