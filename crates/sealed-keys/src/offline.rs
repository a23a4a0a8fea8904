//! The offline key: 64 hex digits, or 24 words, on paper that open a backup with no vault and no
//! network.

mod words;

use crate::base32::is_separator;
use crate::error::CodeError;
use crate::hierarchy::BackupKey;
use crate::secret::{Secret, SecretText};
use crate::slot::SlotKey;
use rand_core::{CryptoRng, RngCore};
use std::fmt;

const DIGITS: usize = 64;

/// 256 random bits that wrap a backup key in a slot of kind `offline_key`.
#[derive(Clone, PartialEq, Eq)]
pub struct OfflineKey(Secret<32>);

impl OfflineKey {
    /// A key of the program's making.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self(Secret::generate(rng))
    }

    /// Reads 64 hex digits in any case, with spaces and dashes anywhere; or the 24 words of
    /// [`OfflineKey::words`], numbered or not, each whole or by its first four letters.
    ///
    /// # Errors
    /// `Length`, `Character`; of words `WordCount`, `UnknownWord`, `WordChecksum`.
    pub fn parse(typed: impl AsRef<str>) -> Result<Self, CodeError> {
        match typed.as_ref() {
            meant if words::are_meant(meant) => words::parse(meant).map(Self),
            digits => Self::of_digits(digits),
        }
    }

    fn of_digits(typed: &str) -> Result<Self, CodeError> {
        let mut secret = Secret::new([0; 32]);
        let mut got = 0;
        for c in typed.chars().filter(|c| !is_separator(*c)) {
            let digit = c.to_digit(16).ok_or(CodeError::Character { position: got + 1 })?;
            if got < DIGITS {
                let byte = &mut secret.expose_mut()[got / 2];
                *byte = *byte << 4 | digit as u8;
            }
            got += 1;
        }
        if got == DIGITS { Ok(Self(secret)) } else { Err(CodeError::Length { got, want: DIGITS }) }
    }

    /// For reading: 16 groups of 4 digits, spaces between.
    pub fn display(&self) -> SecretText {
        let groups: Vec<String> = self.0.expose().chunks(2).map(hex::encode).collect();
        SecretText::new(groups.join(" "))
    }

    /// The same 256 bits as 24 words with a checksum, a space between two: BIP-39's English list.
    pub fn words(&self) -> SecretText {
        words::of(&self.0)
    }

    /// The bits themselves, for a computer that seals them.
    pub fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// As [`OfflineKey::secret`] gave it.
    pub fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// The key of the slot that it opens.
    pub fn slot_key(&self) -> SlotKey {
        SlotKey::new(self.0.clone())
    }

    /// The same digits taken as a backup key itself: what an export of the backup key prints.
    pub fn as_backup_key(&self) -> BackupKey {
        BackupKey::from_secret(self.0.clone())
    }
}

impl AsRef<str> for SecretText {
    fn as_ref(&self) -> &str {
        self.expose()
    }
}

impl fmt::Debug for OfflineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfflineKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn what_is_printed_can_be_typed_back() {
        let key = OfflineKey::generate(&mut OsRng);
        let shown = key.display();
        assert_eq!(shown.expose().len(), 64 + 15);
        assert_eq!(
            OfflineKey::parse(shown.expose().to_uppercase().replace(' ', "-")).unwrap(),
            key
        );
        assert_eq!(OfflineKey::parse("12 34"), Err(CodeError::Length { got: 4, want: 64 }));
        assert_eq!(OfflineKey::parse("12g4"), Err(CodeError::Character { position: 3 }));
        assert_eq!(OfflineKey::parse("0".repeat(65)), Err(CodeError::Length { got: 65, want: 64 }));
    }
}
