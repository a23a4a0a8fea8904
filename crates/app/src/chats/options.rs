//! What a person may say about an import or an export.

use crate::RecoverySecret;
use serde::Deserialize;
use specta::Type;
use std::path::PathBuf;
use std::sync::Arc;

/// How an export writes its dates: what comes first, second and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    Dmy,
    Mdy,
    Ymd,
}

/// Answers that an export may need.
#[derive(Clone, Default)]
pub struct ImportOptions {
    /// The messenger or form, if it is not to be recognised: `whatsapp`, `telegram_json`.
    pub kind: Option<String>,
    /// Where the export does not tell.
    pub date_order: Option<DateOrder>,
    /// What opens an encrypted export: the 64 digits of a WhatsApp backup; what the keyring has for Signal.
    pub key: Option<Arc<RecoverySecret>>,
    /// A phone's key file, in place of `key`.
    pub key_file: Option<PathBuf>,
}

/// Messages between two moments, as unix milliseconds; the second is not in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Between {
    pub from: Option<i64>,
    pub until: Option<i64>,
}

impl Between {
    pub(crate) fn is_limited(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }

    pub(crate) fn has(&self, ms: i64) -> bool {
        self.from.is_none_or(|from| from <= ms) && self.until.is_none_or(|until| ms < until)
    }
}
