//! What is left out of a record, or written shorter, and what stands for it.

use crate::{MessageKey, MessageKind};

pub(super) fn first_implied() -> MessageKey {
    MessageKey::implied(0)
}

pub(super) fn is_first_implied(key: &MessageKey) -> bool {
    key.implied_ordinal() == Some(0)
}

pub(super) fn text() -> MessageKind {
    MessageKind::Text
}

pub(super) fn is_text(kind: &MessageKind) -> bool {
    *kind == MessageKind::Text
}

/// A [`Timestamp`](crate::Timestamp), or the number of a local minute.
pub(super) mod time {
    use std::fmt;

    use serde::de::value::MapAccessDeserializer;
    use serde::de::{Error, MapAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::identity::MINUTE_MS;
    use crate::{Precision, Timestamp, Zone};

    pub(crate) fn serialize<S: Serializer>(
        time: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let is_local_minute = time.precision == Precision::Minute && time.zone == Zone::Local;
        if is_local_minute && time.ms % MINUTE_MS == 0 {
            return serializer.serialize_i64(time.ms / MINUTE_MS);
        }
        time.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }

    struct EitherForm;

    impl<'de> Visitor<'de> for EitherForm {
        type Value = Timestamp;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time")
        }

        fn visit_i64<E: Error>(self, minutes: i64) -> Result<Timestamp, E> {
            let ms = minutes
                .checked_mul(MINUTE_MS)
                .ok_or_else(|| E::custom("a time beyond all years"))?;
            Ok(Timestamp { ms, precision: Precision::Minute, zone: Zone::Local })
        }

        fn visit_u64<E: Error>(self, minutes: u64) -> Result<Timestamp, E> {
            self.visit_i64(
                i64::try_from(minutes).map_err(|_| E::custom("a time beyond all years"))?,
            )
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Timestamp, A::Error> {
            Timestamp::deserialize(MapAccessDeserializer::new(map))
        }
    }
}
