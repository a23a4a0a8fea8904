//! The folder that a fleet lives in: what lies where, and how many sites there are.

use crate::ports::Ports;
use crate::process::Processes;
use crate::services::Latency;
use crate::{FleetError, Programs, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const CONF: &str = "fleet.conf";
/// The file with the fleet's address; there once the fleet was made whole.
const URL: &str = "url";

/// How a fleet's programs are started.
#[derive(Clone, Debug)]
pub struct Options {
    pub latency: Latency,
    /// Header by which sites that are made now believe this computer's word on who calls.
    pub proxy: Option<String>,
    /// How long a program may take to be ready.
    pub patience: Duration,
    /// Each device listens for `hsm-mock control`, which may do anything to it.
    pub control: bool,
}

impl Default for Options {
    fn default() -> Self {
        let patience = Duration::from_secs(60);
        Self { latency: Latency::None, proxy: None, patience, control: false }
    }
}

/// A fleet's folder. Its processes live on when this is dropped; see [`crate::MockFleet`] for one
/// that ends with its value.
#[derive(Clone, Debug)]
pub struct FleetFolder {
    pub(crate) dir: PathBuf,
    pub(crate) sites: u8,
    pub(crate) ports: Ports,
    pub(crate) programs: Programs,
    pub(crate) options: Options,
}

impl FleetFolder {
    /// The fleet that was made in `dir`.
    ///
    /// # Errors
    /// [`FleetError::NoFleet`].
    pub fn open(dir: &Path, programs: Programs, options: Options) -> Result<Self> {
        let none = || FleetError::NoFleet(dir.to_path_buf());
        let dir = dir.canonicalize().map_err(|_| none())?;
        let conf = fs::read_to_string(dir.join(CONF)).map_err(|_| none())?;
        let value = |key: &str| {
            conf.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).ok_or_else(none)
        };
        let sites = value("sites")?.parse().map_err(|_| none())?;
        let base = value("base")?.parse().map_err(|_| none())?;
        Ok(Self { dir, sites, ports: Ports { base }, programs, options })
    }

    pub(crate) fn write_conf(&self) -> Result<()> {
        let text = format!("sites={}\nbase={}\n", self.sites, self.ports.base);
        self.write(CONF, text.as_bytes())
    }

    /// Whether a fleet was begun in `dir`.
    pub(crate) fn is_begun(dir: &Path) -> bool {
        dir.join(CONF).is_file()
    }

    /// Whether a fleet was made in `dir`, to its end.
    pub(crate) fn is_whole(dir: &Path) -> bool {
        dir.join(URL).is_file()
    }

    pub(crate) fn write_url(&self, url: &str) -> Result<()> {
        self.write(URL, format!("{url}\n").as_bytes())
    }

    /// The fleet's address with its pin; `None` before it was made whole.
    pub fn url(&self) -> Option<String> {
        Some(fs::read_to_string(self.path(URL)).ok()?.trim().to_string())
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How many sites it has; they are numbered from 1.
    pub fn sites(&self) -> u8 {
        self.sites
    }

    /// Path of something in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// A site's configuration, as `vault-server node --config` reads it.
    pub fn site_config(&self, site: u8) -> PathBuf {
        self.path(&format!("sites/{site}/site.json"))
    }

    /// Where clients reach a site.
    pub fn endpoint(&self, site: u8) -> String {
        format!("https://127.0.0.1:{}", self.ports.clients(site))
    }

    /// Serial number of a site's MOCK device.
    pub fn serial(site: u8) -> u32 {
        1000 + u32::from(site)
    }

    pub(crate) fn processes(&self) -> Processes {
        Processes::of(&self.dir)
    }

    pub(crate) fn check_site(&self, site: u8) -> Result<()> {
        match (1..=self.sites).contains(&site) {
            true => Ok(()),
            false => Err(FleetError::NoSuchSite { site, sites: self.sites }),
        }
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(name);
        fs::write(&path, bytes).map_err(FleetError::io(&path))
    }

    /// Stops every process of the fleet; its state stays, and `up` starts it again.
    ///
    /// # Errors
    /// Something else is working on it.
    pub fn down(&self) -> Result<()> {
        let _lock = crate::lock::take(&self.dir)?;
        self.stop_all()
    }

    /// Sites first: a site whose device goes away would write that into its log.
    pub(crate) fn stop_all(&self) -> Result<()> {
        let processes = self.processes();
        let mut names = processes.names();
        names.sort_by_key(|name| match name.split('-').next() {
            Some("site") => 0,
            Some("auditor") => 1,
            _ => 2,
        });
        names.iter().try_for_each(|name| processes.stop(name))?;
        (1..=self.sites).try_for_each(|site| self.forget_fault(site))
    }

    /// Stops the fleet and deletes what it consists of; what else lies in the folder stays.
    ///
    /// # Errors
    /// Something else is working on it, or the disk's.
    pub fn remove(&self) -> Result<()> {
        let _lock = crate::lock::take(&self.dir)?;
        self.remove_state()
    }

    pub(crate) fn remove_state(&self) -> Result<()> {
        self.stop_all()?;
        for entry in fs::read_dir(&self.dir).map_err(FleetError::io(&self.dir))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_part(&name) {
                continue;
            }
            let path = entry.path();
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(FleetError::io(&path))?;
        }
        Ok(())
    }
}

/// Whether a fleet made what has this name in its folder.
fn is_part(name: &str) -> bool {
    const PARTS: [&str; 12] = [
        CONF,
        URL,
        "plan.json",
        "bundle.json",
        "operator.key",
        "hsm",
        "tls",
        "auditor",
        "ceremony",
        "sites",
        "run",
        "logs",
    ];
    PARTS.contains(&name) || name.starts_with("ceremony.abandoned-")
}
