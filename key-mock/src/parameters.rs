//! Reading a request's parameters. Unknown ones are ignored, as CTAP 2.1, 8 demands.

use crate::status::Status;
use ciborium::Value;

/// A map of a request: the parameters themselves, or one within them.
#[derive(Clone, Copy)]
pub(crate) struct Parameters<'a>(&'a [(Value, Value)]);

impl<'a> Parameters<'a> {
    pub(crate) const NONE: Self = Self(&[]);

    /// Errors: `MissingParameter`, and those of `read`.
    pub(crate) fn required<T>(
        self,
        key: impl Into<Value>,
        read: impl FnOnce(&'a Value) -> Result<T, Status>,
    ) -> Result<T, Status> {
        self.optional(key, read)?.ok_or(Status::MissingParameter)
    }

    /// Errors: those of `read`.
    pub(crate) fn optional<T>(
        self,
        key: impl Into<Value>,
        read: impl FnOnce(&'a Value) -> Result<T, Status>,
    ) -> Result<Option<T>, Status> {
        let key = key.into();
        self.0.iter().find(|(found, _)| *found == key).map(|(_, value)| read(value)).transpose()
    }

    pub(crate) fn has(self, key: impl Into<Value>) -> bool {
        matches!(self.optional(key, Ok), Ok(Some(_)))
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }
}

/// Errors of all readers: `CborUnexpectedType`.
pub(crate) fn parameters(value: &Value) -> Result<Parameters<'_>, Status> {
    value.as_map().map(|entries| Parameters(entries)).ok_or(Status::CborUnexpectedType)
}

pub(crate) fn bytes(value: &Value) -> Result<&[u8], Status> {
    value.as_bytes().map(Vec::as_slice).ok_or(Status::CborUnexpectedType)
}

pub(crate) fn text(value: &Value) -> Result<&str, Status> {
    value.as_text().ok_or(Status::CborUnexpectedType)
}

pub(crate) fn number(value: &Value) -> Result<i64, Status> {
    let number = value.as_integer().ok_or(Status::CborUnexpectedType)?;
    number.try_into().map_err(|_| Status::InvalidParameter)
}

pub(crate) fn flag(value: &Value) -> Result<bool, Status> {
    value.as_bool().ok_or(Status::CborUnexpectedType)
}

pub(crate) fn list(value: &Value) -> Result<&[Value], Status> {
    value.as_array().map(Vec::as_slice).ok_or(Status::CborUnexpectedType)
}

/// SHA-256 of the client data. Errors: `InvalidParameter` too.
pub(crate) fn hash(value: &Value) -> Result<[u8; 32], Status> {
    bytes(value)?.try_into().map_err(|_| Status::InvalidParameter)
}
