//! The MOCK fleet of the story.

use anyhow::{Context, Result};
use mock_fleet::{Fault, MockFleet, Programs};
use serde_json::Value;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

pub(crate) const SITES: u8 = 5;

pub(crate) struct Fleet {
    programs: Programs,
    dir: PathBuf,
    started: OnceCell<MockFleet>,
}

impl Fleet {
    pub(crate) fn new(bin_dir: &Path, dir: &Path) -> Result<Self> {
        let programs = Programs::in_folder(bin_dir)?;
        Ok(Self { programs, dir: dir.into(), started: OnceCell::new() })
    }

    /// Starts all sites and the auditor; returns the fleet's address.
    pub(crate) fn up(&self) -> Result<String> {
        let fleet = MockFleet::builder().sites(SITES).dir(&self.dir);
        let fleet = fleet.programs(self.programs.clone()).start()?;
        Ok(self.started.get_or_init(|| fleet).url())
    }

    pub(crate) fn kill_site(&self, index: u8) -> Result<()> {
        Ok(self.running()?.kill(index)?)
    }

    pub(crate) fn start_site(&self, index: u8) -> Result<()> {
        Ok(self.running()?.start(index)?)
    }

    /// Every running site takes certificates, bundles and limits anew.
    pub(crate) fn reload(&self) -> Result<()> {
        Ok(self.running()?.reload()?)
    }

    /// A site whose operator cheats (`tests/bad-site`) takes the place of an honest one; it is
    /// honest so far.
    pub(crate) fn corrupt(&self, index: u8) -> Result<()> {
        Ok(self.running()?.inflict(index, &Fault::Lying("honest".into()))?)
    }

    /// What a site that cheats answers everybody from now on.
    pub(crate) fn play(&self, index: u8, trick: &str) -> Result<()> {
        Ok(self.running()?.play(index, trick)?)
    }

    /// A site that cheats tells its peers what is not so, about every account.
    pub(crate) fn push_forgeries(&self, index: u8) -> Result<Value> {
        Ok(self.running()?.push_forgeries(index)?)
    }

    /// The honest site is in its place again.
    pub(crate) fn mend(&self, index: u8) -> Result<()> {
        Ok(self.running()?.mend(index)?)
    }

    pub(crate) fn down(&self) -> Result<()> {
        self.started.get().map_or(Ok(()), |fleet| Ok(fleet.down()?))
    }

    fn running(&self) -> Result<&MockFleet> {
        self.started.get().context("the MOCK fleet was not started")
    }
}
