//! COSE_Key of P-256 (RFC 9053, 7.1).

use crate::cbor;
use crate::parameters::{bytes, number, parameters};
use crate::status::Status;
use ciborium::Value;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use p256::{EncodedPoint, PublicKey};

/// "Although this is not the algorithm actually used" (CTAP 2.1, 6.5.6).
pub(super) const ECDH_ES_HKDF_256: i64 = -25;

const EC2: i64 = 2;
const P256: i64 = 1;

pub(crate) fn encode(key: &PublicKey, algorithm: i64) -> Value {
    let point = key.to_encoded_point(false);
    let (x, y) = (point.x().expect("not the identity"), point.y().expect("uncompressed"));
    cbor::map([
        (1, EC2.into()),
        (3, algorithm.into()),
        (-1, P256.into()),
        (-2, Value::Bytes(x.to_vec())),
        (-3, Value::Bytes(y.to_vec())),
    ])
}

/// A platform's key for key agreement: these five parameters and no others. Errors:
/// `InvalidParameter`.
pub(super) fn decode(value: &Value) -> Result<PublicKey, Status> {
    read(value).map_err(|_| Status::InvalidParameter)
}

fn read(value: &Value) -> Result<PublicKey, Status> {
    let key = parameters(value)?;
    let kind = (key.required(1, number)?, key.required(3, number)?, key.required(-1, number)?);
    if key.len() != 5 || kind != (EC2, ECDH_ES_HKDF_256, P256) {
        return Err(Status::InvalidParameter);
    }
    let (x, y) = (key.required(-2, coordinate)?, key.required(-3, coordinate)?);
    let point = EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
    Option::from(PublicKey::from_encoded_point(&point)).ok_or(Status::InvalidParameter)
}

fn coordinate(value: &Value) -> Result<[u8; 32], Status> {
    bytes(value)?.try_into().map_err(|_| Status::InvalidParameter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::SecretKey;
    use rand_core::OsRng;

    #[test]
    fn only_whole_keys_on_the_curve_are_taken() {
        let key = SecretKey::random(&mut OsRng).public_key();
        let good = encode(&key, ECDH_ES_HKDF_256);
        assert_eq!(decode(&good), Ok(key));
        let with = |changed: i64, value: Value| {
            let mut entries = good.clone().into_map().unwrap();
            entries.retain(|(key, _)| *key != changed.into());
            entries.push((changed.into(), value));
            Value::Map(entries)
        };
        let bad = [
            with(1, 1.into()),
            with(3, (-7).into()),
            with(-1, 2.into()),
            with(-2, Value::Bytes(vec![0; 31])),
            with(-3, Value::Bytes(vec![0; 32])),
            with(2, Value::Bytes(vec![1])),
            Value::Null,
            cbor::map([]),
        ];
        for key in bad {
            assert_eq!(decode(&key), Err(Status::InvalidParameter), "{key:?}");
        }
    }
}
