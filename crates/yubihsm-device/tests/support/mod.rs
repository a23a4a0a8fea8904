//! Emulated devices, and a connector that loses messages.
#![allow(dead_code, unused_imports)]

mod emulated;
mod lossy_connector;

pub(crate) use emulated::Device;
pub(crate) use lossy_connector::{Lose, LossyConnector};
