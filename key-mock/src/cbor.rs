//! CTAP2 canonical CBOR (CTAP 2.1, 8): whatever is written otherwise is refused.

use crate::status::Status;
use ciborium::Value;

/// Nested maps and arrays in one message (CTAP 2.1, 8: at most four levels).
const LEVELS: usize = 4;

/// For the reader, so that it neither refuses what [`LEVELS`] allows nor descends without end.
const READER_LEVELS: usize = 16;

/// Errors: `InvalidCbor`.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Status> {
    let value: Value = ciborium::de::from_reader_with_recursion_limit(bytes, READER_LEVELS)
        .map_err(|_| Status::InvalidCbor)?;
    check(&value, LEVELS)?;
    // The writer knows only the shortest form of numbers and lengths, and nothing may follow.
    if write(&value) == bytes { Ok(value) } else { Err(Status::InvalidCbor) }
}

pub(crate) fn write(value: &Value) -> Vec<u8> {
    let mut out = vec![];
    ciborium::into_writer(value, &mut out).expect("memory does not fail");
    out
}

/// A map with numbers as keys, in ascending order.
pub(crate) fn map(entries: impl IntoIterator<Item = (i64, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// A map with names as keys, shortest first, then in byte order.
pub(crate) fn named<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn check(value: &Value, levels: usize) -> Result<(), Status> {
    match value {
        Value::Integer(_) | Value::Bytes(_) | Value::Text(_) | Value::Bool(_) | Value::Null => {
            Ok(())
        }
        Value::Array(list) if levels > 0 => {
            list.iter().try_for_each(|entry| check(entry, levels - 1))
        }
        Value::Map(entries) if levels > 0 && is_sorted(entries) => {
            entries.iter().try_for_each(|(key, value)| {
                check(key, levels - 1)?;
                check(value, levels - 1)
            })
        }
        _ => Err(Status::InvalidCbor),
    }
}

/// By major type, then length, then byte order; no key twice.
fn is_sorted(entries: &[(Value, Value)]) -> bool {
    let order = |key: &Value| {
        let bytes = write(key);
        (bytes.first().map(|head| head >> 5), bytes.len(), bytes)
    };
    entries.is_sorted_by(|(one, _), (next, _)| order(one) < order(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_hex(hex: &str) -> Result<Value, Status> {
        read(&hex::decode(hex).unwrap())
    }

    #[test]
    fn canonical_maps_are_read() {
        assert_eq!(
            read_hex("a2010220f5"),
            Ok(Value::Map(vec![(1.into(), 2.into()), ((-1).into(), true.into())]))
        );
        let names = read_hex("a26169f562696400").unwrap();
        assert_eq!(names, named([("i", true.into()), ("id", 0.into())]));
    }

    #[test]
    fn every_other_way_of_writing_the_same_is_refused() {
        let refused = [
            ("a220f50102", "keys out of order"),
            ("a201020103", "a key twice"),
            ("a262696400616901", "the longer name first"),
            ("a1190001f5", "a number longer than needed"),
            ("bf01f5ff", "a map of no stated length"),
            ("a1015f4101ff", "bytes of no stated length"),
            ("a101f97e00", "a float"),
            ("a101c11a514b67b0", "a tag"),
            ("a101f500", "something after it"),
            ("a101", "nothing where a value should be"),
            ("818181818100", "five levels"),
            ("", "nothing"),
        ];
        for (hex, why) in refused {
            assert_eq!(read_hex(hex), Err(Status::InvalidCbor), "{why}");
        }
        assert!(read_hex("8181818100").is_ok(), "four levels");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_value_or_an_error(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Ok(value) = read(&bytes) {
                prop_assert_eq!(write(&value), bytes);
            }
        }
    }
}
