//! Why a MOCK fleet cannot do what it was asked to.

use std::path::{Path, PathBuf};

/// Why a MOCK fleet cannot do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// No place has all programs. The text says which are missing, and how to get them.
    #[error("{0}")]
    Programs(String),
    #[error("a fleet has 3, 5 or 7 sites, not {0}")]
    SiteCount(u8),
    #[error("name a site from 1 to {sites}, not {site}")]
    NoSuchSite { site: u8, sites: u8 },
    #[error("there is no fleet in {}; make one with `up`", .0.display())]
    NoFleet(PathBuf),
    #[error("{} holds something that is not a fleet", .0.display())]
    NotAFleet(PathBuf),
    #[error("the fleet in {} has {sites} sites; `remove` it first", dir.display())]
    OtherSiteCount { dir: PathBuf, sites: u8 },
    #[error("something else is working on the fleet in {}", .0.display())]
    Busy(PathBuf),
    #[error("port {0} is in use; stop what uses it, or choose another --base-port")]
    Port(u16),
    #[error("found no free ports; name some with --base-port")]
    NoPorts,
    /// The log's last lines are part of the text.
    #[error("{what} {why}; see {}\n{last_lines}", log.display())]
    Service { what: String, why: String, log: PathBuf, last_lines: String },
    #[error("the ceremony failed; see {}\n{last_lines}", log.display())]
    Ceremony { log: PathBuf, last_lines: String },
    #[error("{0}")]
    Fault(String),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

impl FleetError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    pub(crate) fn service(what: &str, why: String, log: &Path) -> Self {
        let last_lines = last_lines(log, 5);
        Self::Service { what: what.into(), why, log: log.into(), last_lines }
    }

    pub(crate) fn ceremony(log: &Path) -> Self {
        Self::Ceremony { log: log.into(), last_lines: last_lines(log, 3) }
    }
}

fn last_lines(log: &Path, count: usize) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
