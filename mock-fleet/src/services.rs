//! The fleet's programs: devices, auditor, sites.

use crate::health::Health;
use crate::ports::answers;
use crate::process::Processes;
use crate::{FleetError, FleetFolder, Result};
use rustix::process::Signal;
use std::process::Command;

/// How long a MOCK device takes for a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Latency {
    #[default]
    None,
    /// As long as a YubiHSM2.
    Yubihsm2,
}

impl Latency {
    fn argument(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Yubihsm2 => "yubihsm2",
        }
    }
}

pub(crate) fn device(site: u8) -> String {
    format!("hsm-{site}")
}

pub(crate) fn server(site: u8) -> String {
    format!("site-{site}")
}

pub(crate) const AUDITOR: &str = "auditor";

impl FleetFolder {
    pub(crate) fn start_devices(&self) -> Result<()> {
        (1..=self.sites).try_for_each(|site| self.start_device(site, self.options.latency))?;
        (1..=self.sites).try_for_each(|site| self.wait_for_device(site))
    }

    pub(crate) fn start_device(&self, site: u8, latency: Latency) -> Result<()> {
        let mut command = Command::new(self.programs.path("hsm-mock"));
        command.arg("--listen").arg(local(self.ports.device(site)));
        command.arg("--serial").arg(Self::serial(site).to_string());
        command.arg("--state").arg(self.path(&format!("hsm/{site}.state")));
        command.arg("--root-dir").arg(self.path("hsm"));
        command.arg("--latency").arg(latency.argument());
        if self.options.control {
            command.arg("--control").arg(local(self.ports.control(site)));
        }
        self.processes().start(&device(site), &mut command)
    }

    pub(crate) fn wait_for_device(&self, site: u8) -> Result<()> {
        let what = format!("MOCK device {}", Self::serial(site));
        self.wait(&what, &device(site), || answers(self.ports.device(site)))
    }

    pub(crate) fn start_auditor(&self) -> Result<()> {
        let mut command = Command::new(self.programs.path("auditor"));
        command.args(["serve", "--dir"]).arg(self.path("auditor"));
        command.arg("--listen").arg(local(self.ports.auditor()));
        self.processes().start(AUDITOR, &mut command)?;
        self.wait("the auditor", AUDITOR, || answers(self.ports.auditor()))
    }

    pub(crate) fn start_services(&self) -> Result<()> {
        self.start_devices()?;
        self.start_auditor()?;
        (1..=self.sites).try_for_each(|site| self.start_server(site, |_| ()))?;
        (1..=self.sites).try_for_each(|site| self.wait_until_serving(site))
    }

    pub(crate) fn start_server(&self, site: u8, change: impl FnOnce(&mut Command)) -> Result<()> {
        let mut command = Command::new(self.programs.path("vault-server"));
        command.args(["node", "--config"]).arg(self.site_config(site));
        change(&mut command);
        self.processes().start(&server(site), &mut command)
    }

    /// Waits until a site says that it serves.
    ///
    /// # Errors
    /// It ended, or does not serve in time; with the last lines of its log.
    pub fn wait_until_serving(&self, site: u8) -> Result<()> {
        self.check_site(site)?;
        let what = format!("site {site}");
        self.wait(&what, &server(site), || Health::of(self, site).is_some_and(|h| h.serving))
    }

    /// Kills a site's program, as a loss of power does; on return it has ended. Its device goes on.
    ///
    /// # Errors
    /// No such site.
    pub fn kill(&self, site: u8) -> Result<()> {
        self.check_site(site)?;
        self.processes().kill(&server(site))?;
        self.forget_fault_of_server(site)
    }

    /// Asks a site's program to end, and waits until it has, with its files closed.
    ///
    /// # Errors
    /// No such site.
    pub fn stop(&self, site: u8) -> Result<()> {
        self.check_site(site)?;
        self.processes().stop(&server(site))?;
        self.forget_fault_of_server(site)
    }

    /// Starts a site unless it runs, and waits until it serves.
    ///
    /// # Errors
    /// No such site, or it does not serve in time.
    pub fn start(&self, site: u8) -> Result<()> {
        self.check_site(site)?;
        self.start_server(site, |_| ())?;
        self.wait_until_serving(site)
    }

    /// Stops a site, starts it again and waits until it serves.
    ///
    /// # Errors
    /// No such site, or it does not serve in time.
    pub fn restart(&self, site: u8) -> Result<()> {
        self.stop(site)?;
        self.start(site)
    }

    /// Every site takes certificates, bundles and limits anew.
    ///
    /// # Errors
    /// A site is not running.
    pub fn reload(&self) -> Result<()> {
        let processes = self.processes();
        if let Some(away) = (1..=self.sites).find(|site| !processes.runs(&server(*site))) {
            return Err(FleetError::Fault(format!("site {away} is not running")));
        }
        (1..=self.sites).for_each(|site| processes.signal(&server(site), Signal::HUP));
        Ok(())
    }

    fn wait(&self, what: &str, name: &str, is_ready: impl Fn() -> bool) -> Result<()> {
        let processes: Processes = self.processes();
        processes.wait(what, name, self.options.patience, is_ready)
    }
}

pub(crate) fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
