//! AES in ECB and CBC mode without padding (NIST SP 800-38A).

use aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit,
    KeyIvInit,
};
use aes::{Aes128, Aes192, Aes256};
use zeroize::Zeroizing;

use crate::device_error::DeviceError;

pub(crate) const BLOCK: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Encrypt,
    Decrypt,
}

/// Whole blocks, at least one.
///
/// # Errors
/// `WRONG_LENGTH` for other data, `INVALID_DATA` for a key of a length that AES does not have.
pub(crate) fn ecb(
    key: &[u8],
    data: &[u8],
    direction: Direction,
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    fn run<C>(key: &[u8], data: &mut [u8], direction: Direction)
    where
        C: BlockCipherEncrypt + BlockCipherDecrypt + KeyInit,
    {
        let cipher = C::new_from_slice(key).expect("the length chose the cipher");
        for block in data.chunks_exact_mut(BLOCK) {
            let block = <&mut Array<u8, _>>::try_from(block).expect("a whole block");
            match direction {
                Direction::Encrypt => cipher.encrypt_block(block),
                Direction::Decrypt => cipher.decrypt_block(block),
            }
        }
    }
    let mut out = whole_blocks(data)?;
    match key.len() {
        16 => run::<Aes128>(key, &mut out, direction),
        24 => run::<Aes192>(key, &mut out, direction),
        32 => run::<Aes256>(key, &mut out, direction),
        _ => return Err(DeviceError::InvalidData),
    }
    Ok(out)
}

/// As [`ecb`], chained from an initialisation vector.
///
/// # Errors
/// As [`ecb`].
pub(crate) fn cbc(
    key: &[u8],
    iv: &[u8; BLOCK],
    data: &[u8],
    direction: Direction,
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    fn run<E, D>(key: &[u8], iv: &[u8], data: &mut [u8], direction: Direction)
    where
        E: BlockModeEncrypt + KeyIvInit,
        D: BlockModeDecrypt + KeyIvInit,
    {
        match direction {
            Direction::Encrypt => {
                let mut mode = E::new_from_slices(key, iv).expect("the length chose the cipher");
                for block in data.chunks_exact_mut(BLOCK) {
                    mode.encrypt_block(block.try_into().expect("a whole block"));
                }
            }
            Direction::Decrypt => {
                let mut mode = D::new_from_slices(key, iv).expect("the length chose the cipher");
                for block in data.chunks_exact_mut(BLOCK) {
                    mode.decrypt_block(block.try_into().expect("a whole block"));
                }
            }
        }
    }
    use ::cbc::{Decryptor, Encryptor};
    let mut out = whole_blocks(data)?;
    match key.len() {
        16 => run::<Encryptor<Aes128>, Decryptor<Aes128>>(key, iv, &mut out, direction),
        24 => run::<Encryptor<Aes192>, Decryptor<Aes192>>(key, iv, &mut out, direction),
        32 => run::<Encryptor<Aes256>, Decryptor<Aes256>>(key, iv, &mut out, direction),
        _ => return Err(DeviceError::InvalidData),
    }
    Ok(out)
}

fn whole_blocks(data: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    if data.is_empty() || !data.len().is_multiple_of(BLOCK) {
        return Err(DeviceError::WrongLength);
    }
    Ok(Zeroizing::new(data.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, appendix C.
    #[test]
    fn ecb_gives_the_examples_of_the_standard() {
        let key: Vec<u8> = (0..32).collect();
        let data = hex::decode("00112233445566778899aabbccddeeff").unwrap();
        let expected = [
            (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
            (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
            (32, "8ea2b7ca516745bfeafc49904b496089"),
        ];
        for (length, ciphertext) in expected {
            let sealed = ecb(&key[..length], &data, Direction::Encrypt).unwrap();
            assert_eq!(hex::encode(&*sealed), ciphertext);
            assert_eq!(*ecb(&key[..length], &sealed, Direction::Decrypt).unwrap(), data);
        }
    }

    /// SP 800-38A, F.2.1.
    #[test]
    fn cbc_gives_the_example_of_the_standard() {
        let key = hex::decode("2b7e151628aed2a6abf7158809cf4f3c").unwrap();
        let iv: [u8; 16] = std::array::from_fn(|index| index as u8);
        let data = hex::decode("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let data = data.unwrap();
        let sealed = cbc(&key, &iv, &data, Direction::Encrypt).unwrap();
        let expected = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2";
        assert_eq!(hex::encode(&*sealed), expected);
        assert_eq!(*cbc(&key, &iv, &sealed, Direction::Decrypt).unwrap(), data);
    }

    #[test]
    fn parts_of_blocks_are_refused() {
        for length in [0, 15, 17] {
            let answer = ecb(&[0; 16], &vec![0; length], Direction::Encrypt);
            assert_eq!(answer, Err(DeviceError::WrongLength));
        }
    }
}
