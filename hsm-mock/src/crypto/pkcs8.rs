//! Private keys as PKCS #8 (RFC 5958): how RSA wrap of keys carries them.

use zeroize::Zeroizing;

use super::der::{self, OCTET_STRING, Reader};
use super::ec::Curve;
use super::public_key::{EC_OID, ED25519_OID, RSA_OID};
use super::rsa_key::{PrivateKey, modulus_length};
use super::{ed25519, public_key};
use crate::algorithm;
use crate::device_error::DeviceError;

/// `[1]`, constructed: the public key in an EC private key (RFC 5915).
const EC_PUBLIC: u8 = 0xa1;

/// The PKCS #8 form of a stored asymmetric key.
///
/// # Errors
/// `INVALID_DATA` for an Ed25519 key without its seed.
pub(crate) fn encode(algorithm: u8, stored: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let (kind, key) = if let Some(curve) = Curve::of(algorithm) {
        (der::sequence(&[der::oid(EC_OID), der::oid(curve.oid())]), ec_key(curve, stored)?)
    } else if let Some(length) = modulus_length(algorithm) {
        (der::sequence(&[der::oid(RSA_OID), der::null()]), rsa_key(stored, length)?)
    } else if algorithm == algorithm::EC_ED25519 {
        let seed = ed25519::seed(stored).ok_or(DeviceError::InvalidData)?;
        (der::sequence(&[der::oid(ED25519_OID)]), Zeroizing::new(der::octets(&*seed)))
    } else {
        return Err(DeviceError::InvalidData);
    };
    Ok(Zeroizing::new(der::sequence(&[der::unsigned(&[0]), kind, der::octets(&key)])))
}

fn ec_key(curve: Curve, stored: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let (private, public) =
        stored.split_at_checked(curve.size()).ok_or(DeviceError::InvalidData)?;
    let public = der::tlv(EC_PUBLIC, &der::bits(&[&[0x04], public].concat()));
    Ok(Zeroizing::new(der::sequence(&[der::unsigned(&[1]), der::octets(private), public])))
}

/// RSAPrivateKey of RFC 8017, appendix A.1.2.
fn rsa_key(stored: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let half = length / 2;
    let part = |index: usize| &stored[index * half..(index + 1) * half];
    let exponent = PrivateKey::from_stored(stored, length)?.private_exponent();
    let modulus = public_key::of_stored_modulus(stored, length)?;
    let numbers =
        [&[0][..], modulus, &[1, 0, 1], &exponent, part(0), part(1), part(2), part(3), part(4)];
    Ok(Zeroizing::new(der::sequence(&numbers.map(der::unsigned))))
}

/// The key in the form in which its own command would bring it: private number, primes or seed.
///
/// # Errors
/// `INVALID_DATA` if it is not PKCS #8 of this algorithm.
pub(crate) fn decode(algorithm: u8, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let mut info = whole(bytes)?;
    info.unsigned()?;
    let mut kind = info.sequence()?;
    let oid = kind.oid()?;
    let key = info.expect(OCTET_STRING)?;
    if let Some(curve) = Curve::of(algorithm) {
        if oid != EC_OID || kind.oid()? != curve.oid() {
            return Err(DeviceError::InvalidData);
        }
        let mut key = whole(key)?;
        key.unsigned()?;
        padded(key.expect(OCTET_STRING)?, curve.size())
    } else if let Some(length) = modulus_length(algorithm).filter(|_| oid == RSA_OID) {
        let mut key = whole(key)?;
        for _ in ["version", "n", "e", "d"] {
            key.unsigned()?;
        }
        let p = padded(key.unsigned()?, length / 2)?;
        let q = padded(key.unsigned()?, length / 2)?;
        Ok(Zeroizing::new([&p[..], &q].concat()))
    } else if algorithm == algorithm::EC_ED25519 && oid == ED25519_OID {
        Ok(Zeroizing::new(Reader::new(key).expect(OCTET_STRING)?.to_vec()))
    } else {
        Err(DeviceError::InvalidData)
    }
}

fn whole(bytes: &[u8]) -> Result<Reader<'_>, DeviceError> {
    let mut reader = Reader::new(bytes);
    let sequence = reader.sequence()?;
    if reader.is_empty() { Ok(sequence) } else { Err(DeviceError::InvalidData) }
}

fn padded(bytes: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let missing = length.checked_sub(bytes.len()).ok_or(DeviceError::InvalidData)?;
    let mut out = Zeroizing::new(vec![0; length]);
    out[missing..].copy_from_slice(bytes);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::rsa_key;

    #[test]
    fn every_kind_of_key_comes_back() {
        let ec = Curve::P521.expand_private(&[&[0; 65][..], &[7]].concat()).unwrap();
        let encoded = encode(algorithm::EC_P521, &ec).unwrap();
        assert_eq!(*decode(algorithm::EC_P521, &encoded).unwrap(), ec[..66]);
        let rsa = &rsa_key::tests::KEY;
        let encoded = encode(algorithm::RSA_2048, rsa).unwrap();
        assert_eq!(*decode(algorithm::RSA_2048, &encoded).unwrap(), rsa[..256]);
        let ed = ed25519::from_seed(&[7; 32]);
        let encoded = encode(algorithm::EC_ED25519, &ed).unwrap();
        assert_eq!(*decode(algorithm::EC_ED25519, &encoded).unwrap(), [7; 32]);
        assert!(encode(algorithm::EC_ED25519, &ed[..96]).is_err());
        assert!(decode(algorithm::EC_P256, &encoded).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_key_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..100),
            algorithm in 9u8..48,
        ) {
            let _ = decode(algorithm, &bytes);
        }
    }
}
