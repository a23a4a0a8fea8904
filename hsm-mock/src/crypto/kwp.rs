//! AES key wrap with padding (RFC 5649), under keys of 16, 24 or 32 bytes.

use aes_kw::cipher::KeyInit;
use aes_kw::{KwpAes128, KwpAes192, KwpAes256};
use zeroize::Zeroizing;

use crate::device_error::DeviceError;

/// RFC 5649 adds a block of 8 bytes and pads to whole ones.
const OVERHEAD: usize = 16;

pub(crate) fn wrap(key: &[u8], data: &[u8]) -> Result<Vec<u8>, DeviceError> {
    let mut buffer = vec![0; data.len() + OVERHEAD];
    let invalid = |_| DeviceError::InvalidData;
    let wrapped = match key.len() {
        16 => cipher::<KwpAes128>(key)?.wrap_key(data, &mut buffer).map_err(invalid)?,
        24 => cipher::<KwpAes192>(key)?.wrap_key(data, &mut buffer).map_err(invalid)?,
        32 => cipher::<KwpAes256>(key)?.wrap_key(data, &mut buffer).map_err(invalid)?,
        _ => return Err(DeviceError::InvalidData),
    };
    Ok(wrapped.to_vec())
}

/// # Errors
/// `INVALID_DATA` if it was not wrapped under this key.
pub(crate) fn unwrap(key: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let mut buffer = Zeroizing::new(vec![0; wrapped.len()]);
    let invalid = |_| DeviceError::InvalidData;
    let data = match key.len() {
        16 => cipher::<KwpAes128>(key)?.unwrap_key(wrapped, &mut buffer).map_err(invalid)?,
        24 => cipher::<KwpAes192>(key)?.unwrap_key(wrapped, &mut buffer).map_err(invalid)?,
        32 => cipher::<KwpAes256>(key)?.unwrap_key(wrapped, &mut buffer).map_err(invalid)?,
        _ => return Err(DeviceError::InvalidData),
    };
    Ok(Zeroizing::new(data.to_vec()))
}

fn cipher<C: KeyInit>(key: &[u8]) -> Result<C, DeviceError> {
    C::new_from_slice(key).map_err(|_| DeviceError::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5649, section 6.
    #[test]
    fn the_examples_of_the_rfc() {
        let key = hex::decode("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8").unwrap();
        let examples = [
            (
                "c37b7e6492584340bed12207808941155068f738",
                "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
            ),
            ("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"),
        ];
        for (data, wrapped) in examples {
            let data = hex::decode(data).unwrap();
            assert_eq!(hex::encode(wrap(&key, &data).unwrap()), wrapped);
            assert_eq!(*unwrap(&key, &hex::decode(wrapped).unwrap()).unwrap(), data);
        }
        assert_eq!(unwrap(&key, &[7; 32]), Err(DeviceError::InvalidData));
        assert_eq!(unwrap(&key, &[]), Err(DeviceError::InvalidData));
    }
}
