//! The MOCK fleet, through `script/fleet`.

use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const SITES: u8 = 5;

/// More than a fleet of seven needs, the auditor included.
const PORTS: u16 = 64;
/// Below the ports that Linux gives to outgoing connections.
const PORT_RANGE: std::ops::Range<u16> = 20_000..32_000;

pub(crate) struct Fleet {
    script: PathBuf,
    bin_dir: PathBuf,
    dir: PathBuf,
    base_port: u16,
}

impl Fleet {
    pub(crate) fn new(tree: &Path, bin_dir: &Path, dir: &Path) -> Result<Self> {
        let script = tree.join("script/fleet");
        if !script.is_file() {
            bail!(
                "{} is not there: start in the source tree, or name it with --tree",
                script.display()
            );
        }
        Ok(Self { script, bin_dir: bin_dir.into(), dir: dir.into(), base_port: free_ports()? })
    }

    /// Starts all sites and the auditor; returns the fleet's address.
    pub(crate) fn up(&self) -> Result<String> {
        self.run(&[
            "up",
            "--sites",
            &SITES.to_string(),
            "--base-port",
            &self.base_port.to_string(),
        ])?;
        let file = self.dir.join("url");
        let url = fs::read_to_string(&file)
            .with_context(|| format!("script/fleet wrote no {}", file.display()))?;
        Ok(url.trim().to_string())
    }

    pub(crate) fn kill_site(&self, index: u8) -> Result<()> {
        self.run(&["kill-site", &index.to_string()])
    }

    pub(crate) fn start_site(&self, index: u8) -> Result<()> {
        self.run(&["start-site", &index.to_string()])
    }

    /// Every running site takes certificates, bundles and limits anew.
    pub(crate) fn reload(&self) -> Result<()> {
        self.run(&["reload"])
    }

    pub(crate) fn site_config(&self, index: u8) -> PathBuf {
        self.dir.join(format!("sites/{index}/site.json"))
    }

    pub(crate) fn down(&self) -> Result<()> {
        if self.dir.join("fleet.conf").exists() { self.run(&["down"]) } else { Ok(()) }
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        // A file, not a pipe: the fleet's processes may inherit it and outlive the script.
        let log = self.dir.with_extension("log");
        let file = fs::File::options().create(true).append(true).open(&log)?;
        let status = Command::new(&self.script)
            .args(arguments)
            .env("KEEPSAKE_FLEET_DIR", &self.dir)
            .env("KEEPSAKE_BIN_DIR", &self.bin_dir)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()
            .with_context(|| format!("{} cannot be started", self.script.display()))?;
        if !status.success() {
            bail!(
                "script/fleet {} ended with {status}:\n{}",
                arguments.join(" "),
                last_lines(&log)
            );
        }
        Ok(())
    }
}

/// The first port of a free stretch. Begins at another place in each process, so that two stories
/// rarely meet.
fn free_ports() -> Result<u16> {
    let stretches = (PORT_RANGE.end - PORT_RANGE.start) / PORTS;
    let begin = u16::try_from(std::process::id() % u32::from(stretches))?;
    let bases = (0..stretches).map(|i| PORT_RANGE.start + (begin + i) % stretches * PORTS);
    let free = |base: &u16| {
        (*base..base + PORTS).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
    };
    bases.into_iter().find(free).context("no stretch of free ports on this computer")
}

fn last_lines(log: &Path) -> String {
    const LINES: usize = 30;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
