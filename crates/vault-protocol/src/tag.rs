//! What names an account where its id must not be shown: at a site's door, and in its store's
//! index.

use crate::ids::{AccountId, bytes_id};
use crate::labelled::labelled;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

bytes_id!(
    /// First 16 bytes of SHA-256 over an account's id. Whoever knows the account can make it; it
    /// does not lead back.
    AccountTag, 16
);

impl AccountTag {
    /// The tag of an account: owners wait in a queue of their own without being named.
    pub fn of(account: &AccountId) -> Self {
        let digest = Sha256::digest(labelled("tag", &[&account.0]));
        Self::from_slice(&digest[..Self::LEN]).expect("a digest has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_one_account_and_does_not_show_it() {
        let ada = AccountId([1; 16]);
        assert_eq!(AccountTag::of(&ada), AccountTag::of(&ada));
        assert_ne!(AccountTag::of(&ada), AccountTag::of(&AccountId([2; 16])));
        assert_ne!(AccountTag::of(&ada).0, ada.0);
    }
}
