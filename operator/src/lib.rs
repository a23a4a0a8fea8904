//! What a fleet's operator does: sets devices up, prepares epochs, signs bundles. No part of it
//! serves anybody, and no serving site holds it: a site cannot be made to do what only a ceremony
//! may.

#![warn(missing_docs)]

pub mod auditor;
pub mod ceremony;
pub mod countersign;
pub mod dev_certificates;
mod error;
mod files;
pub mod gather_statements;
pub mod keys;
mod out_folder;
mod plan;
pub mod renew;
mod site_program;

pub use error::OperatorError;
pub use out_folder::OutFolder;
pub use plan::{Plan, PlannedSite};
pub use site_program::SiteProgram;
