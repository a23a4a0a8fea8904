//! Writes what a ceremony publishes.

mod chain;
mod device;
mod folder;

pub(super) use chain::ChainAbove;
pub(super) use device::DeviceEvidence;
pub(super) use folder::write;
