//! Writes what a ceremony publishes.

mod chain;
mod device;
mod folder;

pub use chain::ChainAbove;
pub use device::DeviceEvidence;
pub use folder::write;
