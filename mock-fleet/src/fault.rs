//! What can be wrong with a site.

use crate::services::{Latency, device, server};
use crate::{FleetError, FleetFolder, Result};
use rustix::process::Signal;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where Debian and others have libfaketime.
const FAKETIME_FOLDERS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
    "/usr/lib/faketime",
    "/usr/local/lib/faketime",
];

/// What is wrong with a site, until [`FleetFolder::mend`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its program was killed.
    Down,
    /// Its program stands still: connections are taken, and nothing comes.
    Hung,
    /// Its MOCK device stands still.
    DeviceHung,
    /// Its MOCK device takes as long as a YubiHSM2 for each command.
    Slow,
    /// Its clock is so many seconds ahead, or behind. Needs libfaketime.
    Clock(i64),
    /// Its operator cheats, by one of the tricks of the program `bad-site`.
    Lying(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Down => f.write_str("down"),
            Self::Hung => f.write_str("hung"),
            Self::DeviceHung => f.write_str("device-hung"),
            Self::Slow => f.write_str("slow"),
            Self::Clock(seconds) => write!(f, "clock={seconds}"),
            Self::Lying(trick) => write!(f, "lying={trick}"),
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Ok(match text.split_once('=').unwrap_or((text, "")) {
            ("down", "") => Self::Down,
            ("hung", "") => Self::Hung,
            ("device-hung", "") => Self::DeviceHung,
            ("slow", "") => Self::Slow,
            ("clock", seconds) => {
                let number = seconds.parse().map_err(|_| format!("{seconds:?} is no number"))?;
                Self::Clock(number)
            }
            ("lying", trick) if !trick.is_empty() => Self::Lying(trick.into()),
            _ => {
                let kinds = "down, hung, device-hung, slow, clock=SECONDS, lying=TRICK";
                return Err(format!("{text:?} is no fault; there are {kinds}"));
            }
        })
    }
}

impl Fault {
    /// Whether it ends with the site's program.
    fn is_of_server(&self) -> bool {
        !matches!(self, Self::DeviceHung | Self::Slow)
    }
}

impl FleetFolder {
    /// Makes something be wrong with a site. What was wrong with it before is mended first.
    ///
    /// # Errors
    /// No such site, a program that the fault needs is missing, or the site does not start with it.
    pub fn inflict(&self, site: u8, fault: &Fault) -> Result<()> {
        self.check_site(site)?;
        let cheat = match fault {
            Fault::Lying(_) => Some(self.bad_site_program()?),
            _ => None,
        };
        let preload = match fault {
            Fault::Clock(_) => Some(faketime()?),
            _ => None,
        };
        if self.fault(site).is_some() {
            self.mend(site)?;
        }
        let processes = self.processes();
        match fault {
            Fault::Down => self.kill(site)?,
            Fault::Hung => processes.signal(&server(site), Signal::STOP),
            Fault::DeviceHung => processes.signal(&device(site), Signal::STOP),
            Fault::Slow => self.restart_device(site, Latency::Yubihsm2)?,
            Fault::Clock(seconds) => {
                self.stop(site)?;
                self.start_at_other_time(site, *seconds, &preload.unwrap_or_default())?;
            }
            Fault::Lying(trick) => {
                self.stop(site)?;
                self.start_lying(site, &cheat.unwrap_or_default(), trick)?;
            }
        }
        let file = self.fault_file(site);
        fs::write(&file, fault.to_string()).map_err(FleetError::io(&file))
    }

    /// Ends what is wrong with a site; returns when it serves.
    ///
    /// # Errors
    /// No such site, or it does not serve in time.
    pub fn mend(&self, site: u8) -> Result<()> {
        self.check_site(site)?;
        let processes = self.processes();
        let fault = self.fault(site).and_then(|text| text.parse().ok());
        match fault {
            Some(Fault::Hung) => processes.signal(&server(site), Signal::CONT),
            Some(Fault::DeviceHung) => processes.signal(&device(site), Signal::CONT),
            Some(Fault::Slow) => self.restart_device(site, self.options.latency)?,
            Some(Fault::Clock(_) | Fault::Lying(_)) => self.stop(site)?,
            Some(Fault::Down) | None => {}
        }
        self.forget_fault(site)?;
        self.start(site)
    }

    /// What is wrong with a site, as [`Fault`] reads it; `None` if nothing was inflicted on it.
    pub fn fault(&self, site: u8) -> Option<String> {
        fs::read_to_string(self.fault_file(site)).ok()
    }

    pub(crate) fn forget_fault(&self, site: u8) -> Result<()> {
        let file = self.fault_file(site);
        match fs::remove_file(&file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(FleetError::io(&file)(e)),
            _ => Ok(()),
        }
    }

    /// After a site's program has ended.
    pub(crate) fn forget_fault_of_server(&self, site: u8) -> Result<()> {
        let fault = self.fault(site).and_then(|text| text.parse().ok());
        if fault.is_some_and(|fault: Fault| !fault.is_of_server()) {
            return Ok(());
        }
        self.forget_fault(site)
    }

    fn fault_file(&self, site: u8) -> PathBuf {
        self.path(&format!("run/site-{site}.fault"))
    }

    fn restart_device(&self, site: u8, latency: Latency) -> Result<()> {
        self.processes().stop(&device(site))?;
        self.start_device(site, latency)?;
        self.wait_for_device(site)
    }

    fn start_at_other_time(&self, site: u8, seconds: i64, preload: &Path) -> Result<()> {
        self.start_server(site, |command| {
            command.env("LD_PRELOAD", preload).env("FAKETIME", format!("{seconds:+}s"));
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        })?;
        self.wait_until_serving(site)
    }
}

fn faketime() -> Result<PathBuf> {
    let candidates = FAKETIME_FOLDERS.map(|dir| Path::new(dir).join("libfaketimeMT.so.1"));
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        let text = "a clock that is wrong needs libfaketime (Debian: apt install libfaketime)";
        FleetError::Fault(text.into())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_fault_is_read_as_it_is_written() {
        let faults = ["down", "hung", "device-hung", "slow", "clock=-3600", "lying=false-shares"];
        for text in faults {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        for text in ["", "up", "down=1", "clock", "clock=soon", "lying", "lying="] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
