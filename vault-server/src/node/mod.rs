//! A site from start to stop.

mod bundles;
mod reload;
mod start;
mod timers;
mod vitals;

pub use bundles::{BundleError, Bundles, Served};
pub use start::{Listeners, Node, NodeError, check_state};
pub use vitals::{Vitals, VitalsNow};
