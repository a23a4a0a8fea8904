//! A site whose operator cheats (`tests/bad-site`), in the place of an honest one.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Runs until it is dropped.
pub(crate) struct BadSite {
    program: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl BadSite {
    /// In the place of the site with this configuration, which must not be running.
    pub(crate) fn start(bin_dir: &Path, config: &Path, log: &Path) -> Result<Self> {
        let path = bin_dir.join("bad-site");
        let mut program = Command::new(&path)
            .arg("--config")
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?)
            .spawn()
            .with_context(|| format!("{} cannot be started: is it built?", path.display()))?;
        let orders = program.stdin.take().context("a piped child has a standard input")?;
        let answers =
            BufReader::new(program.stdout.take().context("a piped child has a standard output")?);
        let mut bad = Self { program, orders, answers };
        let ready = bad
            .answer()
            .with_context(|| format!("the bad site does not start; see {}", log.display()))?;
        ensure!(ready["ready"] == true, "the bad site says {ready}");
        Ok(bad)
    }

    /// What it answers everybody from now on.
    pub(crate) fn play(&mut self, trick: &str) -> Result<()> {
        self.order(&format!("trick {trick}")).map(drop)
    }

    /// It tells its peers what is not so, about every account.
    pub(crate) fn push(&mut self) -> Result<Value> {
        self.order("push")
    }

    fn order(&mut self, order: &str) -> Result<Value> {
        writeln!(self.orders, "{order}")?;
        self.answer().with_context(|| format!("the bad site on {order:?}"))
    }

    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("it ended");
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for BadSite {
    fn drop(&mut self) {
        // Its disk outlives that, as an honest site's does.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
