//! A site from start to stop.

mod bundles;
mod error;
mod reload;
mod start;
mod timers;
mod vitals;

pub use bundles::{BundleError, Bundles, Served};
pub use error::NodeError;
pub use start::{Listeners, Node, check_state};
pub use vitals::{Vitals, VitalsNow};
