//! Emulated devices, and a connector that loses messages.
#![allow(dead_code, unused_imports)]

mod emulated;
mod lossy_connector;

pub use emulated::Device;
pub use lossy_connector::{Lose, LossyConnector};
