//! Decides whether a fleet's keys can be trusted, from published files alone.
//!
//! Pure: bytes, keys and the time are arguments. Nothing here touches a network, a disk, a clock or
//! a random source, so an outside auditor can build on this crate alone. Every decision is a
//! [`Check`] with an id, a sentence for a person and a technical reason; what passed is a
//! `Verified…` value that cannot be made in any other way. The normative texts are
//! `spec/validation-bundle.md`, `spec/fleet-log.md` and `spec/evidence.md`.
//!
//! A fleet of emulators that nothing is wrong with, and the same with one byte changed:
//!
//! ```
//! use fleet_evidence::{BundleDocuments, Trust, verify_bundle};
//!
//! let case = |file: &str| std::fs::read(format!("tests/cases/honest/{file}"));
//! let trust = Trust::from_json(&case("trust.json")?)?;
//! let signed = case("bundle.json")?;
//! let now = 1_800_000_000;
//!
//! let fleet = verify_bundle(&BundleDocuments::alone(&signed), &trust, None, now).unwrap();
//! assert_eq!(fleet.epoch(), 1);
//! assert!(fleet.report().mock);
//!
//! let altered = String::from_utf8(signed)?.replacen("\"epoch\": 1", "\"epoch\": 2", 1);
//! let refused = verify_bundle(&BundleDocuments::alone(altered.as_bytes()), &trust, None, now);
//! assert!(refused.is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

pub mod attestation;
mod bundle;
mod changes;
mod check_id;
pub mod device_log;
pub mod device_profile;
mod evidence;
mod explain;
pub mod folder;
mod live;
pub mod log;
mod report;
mod seen;
mod trust;

pub use bundle::{BundleDocuments, Refused, VerifiedBundle, verify_bundle, verify_candidate};
pub use changes::{DeviceName, EpochChange};
pub use check_id::CheckId;
pub use evidence::{
    VerifiedDeviceStatement, VerifiedEvidence, verify_candidate_evidence, verify_evidence,
    verify_live_statement,
};
pub use explain::explain;
pub use live::{Published, Round, SiteReply, verify_live};
pub use report::{Check, Outcome, REPORT_TYPE, Report, Subject, Verdict};
pub use seen::{Seen, SeenBundle, SeenCheckpoint};
pub use trust::{FleetUrl, TRUST_TYPE, Trust, TrustDocument};

/// Why a document could not be read at all. A document that can be read but not trusted is a
/// [`Report`], not an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Longer than anything of its kind.
    #[error("{what} is {len} bytes, the limit is {limit}")]
    TooLong {
        /// What was read.
        what: &'static str,
        /// Its bytes.
        len: usize,
        /// The most that are read.
        limit: usize,
    },
    /// Not of the published form.
    #[error("not a {what}: {why}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// For an engineer.
        why: String,
    },
    /// The trust document is not the one that was pinned.
    #[error("the trust document's id is {found}, the pinned one is {pinned}")]
    NotPinned {
        /// The id of what was read.
        found: String,
        /// The id that was expected.
        pinned: String,
    },
}

impl Unreadable {
    pub(crate) fn malformed(what: &'static str, why: impl ToString) -> Self {
        Self::Malformed { what, why: why.to_string() }
    }
}

/// Refuses bytes over `limit`.
pub(crate) fn bounded(what: &'static str, bytes: &[u8], limit: usize) -> Result<(), Unreadable> {
    if bytes.len() > limit {
        return Err(Unreadable::TooLong { what, len: bytes.len(), limit });
    }
    Ok(())
}
