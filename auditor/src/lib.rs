//! The auditor: examines a fleet's evidence, signs its bundle, and keeps the public log of all it
//! signed.
//!
//! Everything lies in one directory: `private/` keys, `state/` decisions, `public/` what any web
//! server can host. Each operation takes the directory's lock, reads, decides, and makes its
//! decision durable before it lets a signature out.

#![warn(missing_docs)]

mod challenge;
mod directory;
mod error;
mod evidence_folder;
mod init;
mod keys;
mod log;
mod page;
mod publish;
mod serve;
mod sign;
mod storage;

pub use directory::Auditor;
pub use error::AuditError;
pub use evidence_folder::read_evidence_folder;
pub use init::InitOptions;
pub use serve::{Access, router};
pub use sign::Signed;
