//! A whole MOCK recovery fleet on this computer: emulated YubiHSM2 devices, a ceremony, an auditor,
//! and one `vault-server` per site, all of them real processes. Its keys protect nothing.
//!
//! ```no_run
//! use mock_fleet::{Fault, MockFleet};
//!
//! # fn main() -> Result<(), mock_fleet::FleetError> {
//! let fleet = MockFleet::builder().sites(5).start()?;
//! println!("keepsake vault enroll --fleet {}", fleet.url());
//! fleet.inflict(2, &Fault::Hung)?;
//! fleet.mend(2)?;
//! fleet.kill(4)?;
//! fleet.restart(4)?;
//! # Ok(())
//! # } // The fleet's processes end here, and its files are removed.
//! ```
//!
//! It starts programs and speaks with them as anybody could, and holds none of their code: what is
//! proved over it is proved of the programs.

mod bad_site;
mod builder;
mod ceremony;
mod error;
mod fault;
mod fleet;
mod folder;
mod health;
mod lock;
mod ports;
mod process;
mod programs;
mod services;
mod site_config;
mod status;
mod up;

pub use builder::Builder;
pub use error::FleetError;
pub use fault::Fault;
pub use fleet::MockFleet;
pub use folder::{FleetFolder, Options};
pub use programs::{PROGRAMS, Programs};
pub use services::Latency;
pub use status::{SiteStatus, Status};
pub use up::Wanted;

/// Result of everything here.
pub type Result<T> = std::result::Result<T, FleetError>;

/// Where the regions of a fleet's sites are said to be; a fleet has no more sites.
pub const REGIONS: [&str; 7] =
    ["eu-north", "eu-west", "eu-central", "us-east", "us-west", "ap-south", "ap-north"];
