//! The network of this computer, behind the port.

use super::https::Https;
use super::network::{Network, Web};
use crate::Result;
use std::sync::Arc;
use vault_client::{Randomness, SystemRandomness, Timer, TokioTimer};

/// The network of this computer.
pub(crate) struct Internet;

impl Network for Internet {
    fn reach(&self, root: Option<&str>) -> Result<Arc<dyn Web>> {
        Ok(Arc::new(Https::new(root)?))
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(TokioTimer::start())
    }

    fn randomness(&self) -> Arc<dyn Randomness> {
        Arc::new(SystemRandomness)
    }
}
