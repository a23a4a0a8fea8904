//! A site from start to stop.

mod bundles;
mod reload;
mod start;
mod timers;
mod vitals;

pub use bundles::{BundleError, Bundles, Served};
pub use start::{Listeners, Node, NodeError};
pub use vitals::{Vitals, VitalsNow};
