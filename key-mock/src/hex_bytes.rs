//! Bytes as hex in the state file.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use zeroize::Zeroizing;

pub(crate) fn serialize<S: Serializer>(
    bytes: impl AsRef<[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&Zeroizing::new(hex::encode(bytes)))
}

pub(crate) fn deserialize<'de, T: TryFrom<Vec<u8>>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    let bytes = hex::decode(&*text).map_err(Error::custom)?;
    bytes.try_into().map_err(|_| Error::custom("wrong length"))
}
