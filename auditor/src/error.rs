//! Why the auditor refuses, or cannot go on.

use fleet_evidence::{CheckId, Report};
use std::path::PathBuf;

/// Why the auditor did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The epoch is not the next one.
    #[error("refused: epoch {asked} was asked for, the next one is {next}")]
    Epoch {
        /// The epoch of the bundle.
        asked: u64,
        /// The only one that would be signed.
        next: u64,
    },
    /// A signature for this epoch was given for other keys.
    #[error("refused: epoch {epoch} was signed for bundle {signed}")]
    EpochTaken {
        /// The epoch of the bundle.
        epoch: u64,
        /// Id of the bundle that was signed for it, hex.
        signed: String,
    },
    /// This bundle was already logged.
    #[error("refused: bundle {0} was already logged")]
    Repeated(String),
    /// A check of the bundle failed.
    #[error("refused by {check}: {reason}")]
    Check {
        /// Which.
        check: CheckId,
        /// For an engineer.
        reason: String,
    },
    /// The evidence does not hold: the report says what was found.
    #[error("refused: {}", .0.verdict.sentence)]
    Evidence(Box<Report>),
    /// It is missing, or somebody else's; whose it should be.
    #[error("refused: {0}")]
    Signature(&'static str),
    /// It is unknown, used up or another device's; what is wrong.
    #[error("refused: {0}")]
    Challenge(String),
    /// Bytes from outside that are not what they should be.
    #[error("cannot read the request: {0}")]
    Malformed(String),
    /// What lies on disk contradicts itself; nothing is signed until a person has looked.
    #[error("the auditor's own files are inconsistent: {0}")]
    Inconsistent(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl AuditError {
    /// True if the request was understood and turned down, as opposed to a fault.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Malformed(_) | Self::Inconsistent(_) | Self::Io { .. })
    }

    /// Stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Epoch { .. } => "epoch",
            Self::EpochTaken { .. } => "epoch-taken",
            Self::Repeated(_) => "repeated",
            Self::Check { .. } => "bundle",
            Self::Evidence(_) => "evidence",
            Self::Signature(_) => "signature",
            Self::Challenge(_) => "challenge",
            Self::Malformed(_) => "malformed",
            Self::Inconsistent(_) => "inconsistent",
            Self::Io { .. } => "io",
        }
    }
}
