//! CTAP2 canonical CBOR (CTAP 2.1, 8).

use super::damaged;
use crate::error::PasskeyError;
use ciborium::Value;

/// A key's answers are small; deeper ones are an attack on the reader.
const MAX_DEPTH: usize = 16;

pub(super) fn read(bytes: &[u8]) -> Result<Value, PasskeyError> {
    read_first(&mut &bytes[..])
}

/// Leaves what comes after it. Errors: `Damaged`.
pub(super) fn read_first(bytes: &mut &[u8]) -> Result<Value, PasskeyError> {
    ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH).map_err(|_| damaged())
}

pub(super) fn write(value: &Value) -> Result<Vec<u8>, PasskeyError> {
    let mut out = vec![];
    ciborium::into_writer(value, &mut out).map_err(|_| damaged())?;
    Ok(out)
}

pub(super) fn at(map: &Value, key: i64) -> Option<&Value> {
    map.as_map()?.iter().find(|(k, _)| *k == Value::from(key)).map(|(_, value)| value)
}

/// Errors: `Damaged`.
pub(super) fn bytes_at(map: &Value, key: i64) -> Result<&[u8], PasskeyError> {
    at(map, key).and_then(Value::as_bytes).map(Vec::as_slice).ok_or_else(damaged)
}

/// Keys must be given in ascending order.
pub(super) fn map(entries: impl IntoIterator<Item = (i64, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// Keys must be given shortest first, then in byte order.
pub(super) fn text_map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// PublicKeyCredentialDescriptors.
pub(super) fn descriptors(ids: &[Vec<u8>]) -> Value {
    let descriptor =
        |id: &Vec<u8>| text_map([("id", Value::Bytes(id.clone())), ("type", "public-key".into())]);
    Value::Array(ids.iter().map(descriptor).collect())
}
