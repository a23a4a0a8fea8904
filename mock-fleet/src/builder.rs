//! What a fleet of a test shall be like.

use crate::{FleetError, FleetFolder, Latency, MockFleet, Options, Programs, Result, Wanted};
use std::path::PathBuf;
use std::time::Duration;

/// What a [`MockFleet`] shall be like. Five sites, in a folder and at ports of its own, if nothing
/// else is said.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    wanted: Wanted,
    dir: Option<PathBuf>,
    programs: Option<Programs>,
    options: Options,
}

impl Builder {
    /// 3, 5 or 7.
    #[must_use]
    pub fn sites(mut self, sites: u8) -> Self {
        self.wanted.sites = Some(sites);
        self
    }

    /// The first of 40 ports.
    #[must_use]
    pub fn base_port(mut self, port: u16) -> Self {
        self.wanted.base_port = Some(port);
        self
    }

    /// Where it lives, instead of a temporary folder; the files stay when the fleet ends, and a
    /// fleet that is there is started again.
    #[must_use]
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Instead of those that [`Programs::find`] finds.
    #[must_use]
    pub fn programs(mut self, programs: Programs) -> Self {
        self.programs = Some(programs);
        self
    }

    #[must_use]
    pub fn latency(mut self, latency: Latency) -> Self {
        self.options.latency = latency;
        self
    }

    /// Each device listens for `hsm-mock control`.
    #[must_use]
    pub fn control(mut self) -> Self {
        self.options.control = true;
        self
    }

    /// Sites believe this computer's word on who calls, in this header (`forwarded`).
    #[must_use]
    pub fn proxy(mut self, header: &str) -> Self {
        self.options.proxy = Some(header.into());
        self
    }

    /// How long a program may take to be ready; a minute, if nothing else is said.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.options.patience = patience;
        self
    }

    /// Makes the fleet and starts it; returns when every site serves.
    ///
    /// # Errors
    /// See [`FleetFolder::up`].
    pub fn start(self) -> Result<MockFleet> {
        let programs = self.programs.map_or_else(Programs::find, Ok)?;
        let own = match self.dir {
            Some(_) => None,
            None => {
                let place = std::env::temp_dir();
                Some(tempfile::tempdir_in(&place).map_err(FleetError::io(&place))?)
            }
        };
        let inner = own.as_ref().map(|own| own.path().join("fleet"));
        let dir = self.dir.or(inner).unwrap_or_default();
        let folder = FleetFolder::up(&dir, self.wanted, programs, self.options, &|_| ())?;
        Ok(MockFleet::new(folder, own))
    }
}
