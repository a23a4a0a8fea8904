//! Paddings of RSA (RFC 8017). The device takes digests, not messages, and the digest of an OAEP
//! label, not the label; so libraries that take the others do not serve here.

use zeroize::Zeroizing;

use super::hash::Hash;
use crate::device_error::DeviceError;
use crate::rng::DeviceRng;

/// At least so many random bytes stand between the marks of PKCS #1 v1.5 encryption.
const SHORTEST_FILL: usize = 8;

/// EMSA-PKCS1-v1_5 (section 9.2) of a digest.
pub(crate) fn pkcs1_signature_block(hash: Hash, digest: &[u8], length: usize) -> Vec<u8> {
    let content = [hash.digest_info(), digest].concat();
    // The shortest modulus (256) leaves room for the longest content (83).
    let fill = length.saturating_sub(content.len() + 3);
    [&[0, 1][..], &vec![0xff; fill], &[0], &content].concat()
}

/// Checks a block that should be [`pkcs1_signature_block`]'s.
pub(crate) fn is_pkcs1_signature_block(hash: Hash, digest: &[u8], block: &[u8]) -> bool {
    block == pkcs1_signature_block(hash, digest, block.len())
}

/// EME-PKCS1-v1_5 decoding (section 7.2.2).
///
/// # Errors
/// `INVALID_DATA`
pub(crate) fn pkcs1_message(block: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let [0, 2, rest @ ..] = block else { return Err(DeviceError::InvalidData) };
    let fill = rest.iter().position(|byte| *byte == 0).ok_or(DeviceError::InvalidData)?;
    if fill < SHORTEST_FILL {
        return Err(DeviceError::InvalidData);
    }
    Ok(Zeroizing::new(rest[fill + 1..].to_vec()))
}

/// EMSA-PSS (section 9.1.1) of a digest, with the salt drawn here.
///
/// # Errors
/// `INVALID_DATA` if the salt does not fit.
pub(crate) fn pss_block(
    hash: Hash,
    mgf: Hash,
    digest: &[u8],
    salt_length: usize,
    length: usize,
    rng: &mut DeviceRng,
) -> Result<Vec<u8>, DeviceError> {
    let fill = length.checked_sub(hash.length() + salt_length + 2);
    let fill = fill.ok_or(DeviceError::InvalidData)?;
    let mut salt = vec![0; salt_length];
    rng.fill(&mut salt);
    let seed = hash.digest(&[&[0; 8], digest, &salt]);
    let mut block = [&vec![0; fill][..], &[1], &salt].concat();
    mask(mgf, &seed, &mut block);
    // One bit less than the modulus, whose top bit is set.
    block[0] &= 0x7f;
    block.extend_from_slice(&seed);
    block.push(0xbc);
    Ok(block)
}

/// EME-OAEP encoding (section 7.1.1), given the digest of the label.
///
/// # Errors
/// `WRONG_LENGTH` if the message does not fit.
pub(crate) fn oaep_block(
    hash: Hash,
    mgf: Hash,
    label_digest: &[u8],
    message: &[u8],
    length: usize,
    rng: &mut DeviceRng,
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let fill = length.checked_sub(message.len() + 2 * hash.length() + 2);
    let fill = fill.ok_or(DeviceError::WrongLength)?;
    let mut seed = vec![0; hash.length()];
    rng.fill(&mut seed);
    let mut data = [label_digest, &vec![0; fill], &[1], message].concat();
    mask(mgf, &seed, &mut data);
    mask(mgf, &data, &mut seed);
    Ok(Zeroizing::new([&[0][..], &seed, &data].concat()))
}

/// EME-OAEP decoding (section 7.1.2).
///
/// # Errors
/// `INVALID_DATA`, whatever is wrong.
pub(crate) fn oaep_message(
    hash: Hash,
    mgf: Hash,
    label_digest: &[u8],
    block: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let invalid = DeviceError::InvalidData;
    let [0, rest @ ..] = block else { return Err(invalid) };
    let (seed, data) = rest.split_at_checked(hash.length()).ok_or(invalid)?;
    let mut seed = seed.to_vec();
    let mut data = Zeroizing::new(data.to_vec());
    mask(mgf, &data, &mut seed);
    mask(mgf, &seed, &mut data);
    let (digest, rest) = data.split_at_checked(hash.length()).ok_or(invalid)?;
    let mark = rest.iter().position(|byte| *byte != 0).ok_or(invalid)?;
    if digest != label_digest || rest[mark] != 1 {
        return Err(invalid);
    }
    Ok(Zeroizing::new(rest[mark + 1..].to_vec()))
}

/// XORs with MGF1 (appendix B.2.1) of a seed.
fn mask(hash: Hash, seed: &[u8], bytes: &mut [u8]) {
    for (counter, chunk) in bytes.chunks_mut(hash.length()).enumerate() {
        // Blocks are at most 512 bytes, so the counter stays below 26.
        let pad = hash.digest(&[seed, &(counter as u32).to_be_bytes()]);
        chunk.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rng() -> DeviceRng {
        DeviceRng::from_seed(1, 2, 3)
    }

    #[test]
    fn oaep_opens_what_it_sealed_and_nothing_else() {
        let label = Hash::Sha256.digest(&[b""]);
        for mgf in Hash::ALL {
            let block = oaep_block(Hash::Sha256, mgf, &label, b"message", 256, &mut rng()).unwrap();
            assert_eq!(block.len(), 256);
            let opened = oaep_message(Hash::Sha256, mgf, &label, &block).unwrap();
            assert_eq!(*opened, b"message");
            let other = Hash::Sha256.digest(&[b"other"]);
            assert!(oaep_message(Hash::Sha256, mgf, &other, &block).is_err());
        }
        let long = oaep_block(Hash::Sha256, Hash::Sha1, &label, &[0; 191], 256, &mut rng());
        assert_eq!(long.err(), Some(DeviceError::WrongLength));
    }

    #[test]
    fn fill_of_less_than_eight_bytes_or_without_end_is_refused() {
        let block = |fill: usize| [&[0, 2][..], &vec![7; fill], &[0], b"m"].concat();
        assert_eq!(*pkcs1_message(&block(8)).unwrap(), b"m");
        assert!(pkcs1_message(&block(7)).is_err());
        assert!(pkcs1_message(&[&[0, 1][..], &[7; 9], &[0]].concat()).is_err());
        assert!(pkcs1_message(&[&[0, 2][..], &[7; 254]].concat()).is_err());
    }

    #[test]
    fn a_salt_fits_up_to_the_modulus_less_the_digest_and_two() {
        let pss = |salt| pss_block(Hash::Sha512, Hash::Sha1, &[7; 64], salt, 256, &mut rng());
        assert_eq!(pss(190).unwrap().len(), 256);
        assert_eq!(pss(191).err(), Some(DeviceError::InvalidData));
    }

    proptest! {
        #[test]
        fn any_block_is_opened_or_refused(block in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = pkcs1_message(&block);
            let _ = oaep_message(Hash::Sha1, Hash::Sha1, &[0; 20], &block);
        }
    }
}
