//! A MOCK security key: `key-mock` at a socket, its memory in a file that can be carried to another
//! computer.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the program may take to listen.
const STARTS: Duration = Duration::from_secs(20);

pub(crate) const PIN: &str = "2718281";

/// Plugged in until it is dropped.
pub(crate) struct SecurityKey {
    program: Child,
    socket: PathBuf,
    state: PathBuf,
}

impl SecurityKey {
    /// A new key in the new folder `dir`.
    pub(crate) fn new(bin_dir: &Path, dir: &Path) -> Result<Self> {
        fs::create_dir(dir)?;
        Self::plug_in(bin_dir, dir, dir.join("key.state"))
    }

    /// The same key at another computer: pulled out here, carried, plugged in there.
    pub(crate) fn carry_to(self, bin_dir: &Path, dir: &Path) -> Result<Self> {
        let state = self.state.clone();
        drop(self);
        fs::create_dir(dir)?;
        let carried = dir.join("key.state");
        fs::rename(state, &carried).context("the key's file")?;
        Self::plug_in(bin_dir, dir, carried)
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    fn plug_in(bin_dir: &Path, dir: &Path, state: PathBuf) -> Result<Self> {
        let program = bin_dir.join("key-mock");
        let socket = dir.join("key.socket");
        let mut command = Command::new(&program);
        command.arg("--listen").arg(&socket).arg("--state").arg(&state);
        if !state.exists() {
            command.args(["--pin", PIN]);
        }
        let log = fs::File::create(dir.join("key.log"))?;
        let program = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started: is it built?", program.display()))?;
        let mut key = Self { program, socket, state };
        key.listens(&dir.join("key.log"))?;
        Ok(key)
    }

    fn listens(&mut self, log: &Path) -> Result<()> {
        let began = Instant::now();
        while !self.socket.exists() {
            let ended = self.program.try_wait()?;
            let words = fs::read_to_string(log).unwrap_or_default();
            ensure!(
                ended.is_none() && began.elapsed() < STARTS,
                "the MOCK security key does not start: {words}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for SecurityKey {
    fn drop(&mut self) {
        // Nothing is lost: it writes its file before it answers.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
