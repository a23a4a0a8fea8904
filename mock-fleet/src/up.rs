//! Making a fleet, or starting the one that is there.

use crate::ports::Ports;
use crate::{FleetError, FleetFolder, Options, Programs, Result};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Sites of a fleet, if nobody says how many.
const SITES: u8 = 5;

/// What fleet is wanted; anything, where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// 3, 5 or 7.
    pub sites: Option<u8>,
    /// The first of 40 ports.
    pub base_port: Option<u16>,
}

impl FleetFolder {
    /// Makes a fleet in `dir`, or starts the one that was made there; returns when every site
    /// serves. What it has started is stopped if it fails.
    ///
    /// `say` gets a line for a person before each long step.
    ///
    /// # Errors
    /// `dir` holds something else, ports are taken, or a program fails; with its last words.
    pub fn up(
        dir: &Path,
        wanted: Wanted,
        programs: Programs,
        options: Options,
        say: &dyn Fn(&str),
    ) -> Result<Self> {
        if let Some(sites) = wanted.sites.filter(|sites| !matches!(sites, 3 | 5 | 7)) {
            return Err(FleetError::SiteCount(sites));
        }
        // The fleet's keys protect nothing, but its folder is nobody else's business.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(FleetError::io(dir))?;
        let dir = dir.canonicalize().map_err(FleetError::io(dir))?;
        let _lock = crate::lock::take(&dir)?;
        match Self::is_whole(&dir) {
            true => Self::start_again(&dir, wanted, programs, options, say),
            false => Self::make_new(&dir, wanted, programs, options, say),
        }
    }

    fn start_again(
        dir: &Path,
        wanted: Wanted,
        programs: Programs,
        options: Options,
        say: &dyn Fn(&str),
    ) -> Result<Self> {
        let fleet = Self::open(dir, programs, options)?;
        if wanted.sites.is_some_and(|sites| sites != fleet.sites) {
            return Err(FleetError::OtherSiteCount { dir: dir.into(), sites: fleet.sites });
        }
        say(&format!("Starting the MOCK fleet of {} sites in {}", fleet.sites, dir.display()));
        fleet.make_folders()?;
        fleet.or_stop_all(fleet.start_services())?;
        Ok(fleet)
    }

    fn make_new(
        dir: &Path,
        wanted: Wanted,
        programs: Programs,
        options: Options,
        say: &dyn Fn(&str),
    ) -> Result<Self> {
        if Self::is_begun(dir) {
            // Made by a run that did not come to its end.
            Self::open(dir, programs.clone(), options.clone())?.remove_state()?;
        }
        let mut there = fs::read_dir(dir).map_err(FleetError::io(dir))?.flatten();
        if there.any(|entry| entry.file_name() != "lock") {
            return Err(FleetError::NotAFleet(dir.into()));
        }
        let sites = wanted.sites.unwrap_or(SITES);
        let ports = match wanted.base_port {
            Some(base) => Ports::at(base, sites)?,
            None => Ports::choose(sites)?,
        };
        let fleet = Self { dir: dir.into(), sites, ports, programs, options };
        fleet.make_folders()?;
        fleet.write_conf()?;
        let made = fleet.make(say).and_then(|()| fleet.start_services());
        fleet.or_stop_all(made)?;
        let url = fleet.or_stop_all(fleet.address())?;
        fleet.write_url(&url)?;
        Ok(fleet)
    }

    fn make_folders(&self) -> Result<()> {
        ["run", "logs", "hsm"]
            .map(|name| self.path(name))
            .iter()
            .try_for_each(|folder| fs::create_dir_all(folder).map_err(FleetError::io(folder)))
    }

    fn or_stop_all<T>(&self, done: Result<T>) -> Result<T> {
        if done.is_err() {
            let _ = self.stop_all();
        }
        done
    }
}
