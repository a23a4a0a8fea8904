//! Hashes in JSON: 64 hex digits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

fn to_hash<E: serde::de::Error>(text: &str) -> Result<[u8; 32], E> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| E::custom("64 hex digits"))?;
    Ok(hash)
}

pub(super) mod one {
    use super::*;

    pub(in crate::format) fn serialize<S: Serializer>(
        hash: &[u8; 32],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(hash))
    }

    pub(in crate::format) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<[u8; 32], D::Error> {
        to_hash(&String::deserialize(d)?)
    }
}

pub(super) mod optional {
    use super::*;

    pub(in crate::format) fn serialize<S: Serializer>(
        hash: &Option<[u8; 32]>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        hash.map(hex::encode).serialize(s)
    }

    pub(in crate::format) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        Option::<String>::deserialize(d)?.as_deref().map(to_hash).transpose()
    }
}

pub(super) mod many {
    use super::*;

    pub(in crate::format) fn serialize<S: Serializer>(
        hashes: &[[u8; 32]],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        s.collect_seq(hashes.iter().map(hex::encode))
    }

    pub(in crate::format) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Vec<[u8; 32]>, D::Error> {
        Vec::<String>::deserialize(d)?.iter().map(|t| to_hash(t)).collect()
    }
}
