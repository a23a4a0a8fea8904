//! The four hash functions of the device.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::algorithm;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Bytes of a digest.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Bytes of the blocks it works on (FIPS 180-4).
    pub(crate) fn block(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }

    /// The one with digests of this length: commands that take a digest tell by it.
    pub(crate) fn of_length(length: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.length() == length)
    }

    pub(crate) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        fn over<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let digest = parts.iter().fold(D::new(), |digest, part| digest.chain_update(part));
            digest.finalize().to_vec()
        }
        match self {
            Self::Sha1 => over::<Sha1>(parts),
            Self::Sha256 => over::<Sha256>(parts),
            Self::Sha384 => over::<Sha384>(parts),
            Self::Sha512 => over::<Sha512>(parts),
        }
    }

    /// The hash that a family of algorithms names: its members stand in the order of [`Hash::ALL`].
    fn of_family(algorithm: u8, family: [u8; 4]) -> Option<Self> {
        family.iter().position(|member| *member == algorithm).map(|index| Self::ALL[index])
    }

    fn in_family(self, family: [u8; 4]) -> u8 {
        family[self as usize]
    }

    pub(crate) fn of_mgf1(algorithm: u8) -> Option<Self> {
        Self::of_family(algorithm, algorithm::RSA_MGF1)
    }

    pub(crate) fn of_oaep(algorithm: u8) -> Option<Self> {
        Self::of_family(algorithm, algorithm::RSA_OAEP)
    }

    pub(crate) fn of_hmac(algorithm: u8) -> Option<Self> {
        Self::of_family(algorithm, algorithm::HMAC)
    }

    pub(crate) fn of_pkcs1(algorithm: u8) -> Option<Self> {
        Self::of_family(algorithm, algorithm::RSA_PKCS1)
    }

    pub(crate) fn pkcs1(self) -> u8 {
        self.in_family(algorithm::RSA_PKCS1)
    }

    pub(crate) fn pss(self) -> u8 {
        self.in_family(algorithm::RSA_PSS)
    }

    pub(crate) fn oaep(self) -> u8 {
        self.in_family(algorithm::RSA_OAEP)
    }

    pub(crate) fn ecdsa(self) -> u8 {
        self.in_family(algorithm::EC_ECDSA)
    }

    /// What stands before a digest in PKCS #1 v1.5 signatures (RFC 8017, section 9.2, note 1).
    pub(crate) fn digest_info(self) -> &'static [u8] {
        match self {
            Self::Sha1 => &[
                0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04,
                0x14,
            ],
            Self::Sha256 => &[
                0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x01, 0x05, 0x00, 0x04, 0x20,
            ],
            Self::Sha384 => &[
                0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x02, 0x05, 0x00, 0x04, 0x30,
            ],
            Self::Sha512 => &[
                0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x03, 0x05, 0x00, 0x04, 0x40,
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_in_the_order_of_the_hashes() {
        assert_eq!(Hash::of_mgf1(34), Some(Hash::Sha384));
        assert_eq!(Hash::of_oaep(25), Some(Hash::Sha1));
        assert_eq!((Hash::Sha1.ecdsa(), Hash::Sha256.ecdsa()), (23, 43));
        assert_eq!(Hash::of_hmac(23), None);
        assert_eq!(Hash::of_length(48), Some(Hash::Sha384));
    }
}
