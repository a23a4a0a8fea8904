//! What a backup's header says, against what the owner signed: compared before a try is spent.
//!
//! Whoever stores a backup can write into its header. With other Argon2id parameters the right code
//! would come out wrong, and the person would burn it himself.

use crate::error::{HeaderPart, VaultError};
use vault_protocol::{AccountId, CodeOrigin, CodeParameters, KeysDigest, Record, Version};

/// A code's registration as a backup's header names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The account to ask for.
    pub account: AccountId,
    /// Of the code, from 1.
    pub version: Version,
    /// Of the fleet.
    pub keys: KeysDigest,
    /// How the code is stretched.
    pub parameters: CodeParameters,
    /// Who made the code.
    pub origin: CodeOrigin,
}

impl Header {
    /// # Errors
    /// [`VaultError::OldCode`] if the record is newer; [`VaultError::HeaderAltered`] if anything
    /// else of it is not what the owner signed. The account is the one that the sites were asked
    /// for.
    pub(crate) fn check(&self, record: &Record) -> Result<(), VaultError> {
        let altered = |part| Err(VaultError::HeaderAltered(part));
        if self.keys != record.keys {
            return altered(HeaderPart::Keys);
        }
        if record.version > self.version {
            return Err(VaultError::OldCode { current: record.version });
        }
        if record.version < self.version {
            return altered(HeaderPart::Version);
        }
        if self.parameters != record.parameters {
            return altered(HeaderPart::Parameters);
        }
        if self.origin != record.policy.code {
            return altered(HeaderPart::Origin);
        }
        Ok(())
    }
}
