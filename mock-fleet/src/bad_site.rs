//! A site whose operator cheats: the program `bad-site` in an honest one's place. It takes orders
//! from a pipe with a name, so that it lives on when whoever started it has ended.

use crate::services::server;
use crate::{FleetError, FleetFolder, Result};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const PROGRAM: &str = "bad-site";

impl FleetFolder {
    pub(crate) fn bad_site_program(&self) -> Result<PathBuf> {
        self.programs.optional(PROGRAM).ok_or_else(|| {
            let here = self.programs.path(PROGRAM);
            let text = format!("{} is not there: cargo build -p bad-site", here.display());
            FleetError::Fault(text)
        })
    }

    /// The site must not be running.
    pub(crate) fn start_lying(&self, site: u8, program: &Path, trick: &str) -> Result<()> {
        let processes = self.processes();
        let orders = self.orders(site);
        if !orders.exists() {
            mknodat(CWD, &orders, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
                .map_err(|e| FleetError::io(&orders)(e.into()))?;
        }
        let answers = self.answers(site);
        let out = File::create(&answers).map_err(FleetError::io(&answers))?;
        let log = processes.log(&server(site));
        let err = File::options().create(true).append(true).open(&log);
        let mut command = Command::new(program);
        command.arg("--config").arg(self.site_config(site));
        // Open for writing too, the pipe has no end before the program has one.
        command.stdin(open_pipe(&orders)?).stdout(out).stderr(err.map_err(FleetError::io(&log))?);
        processes.start_with(&server(site), &mut command)?;
        self.answer(site, 0)?;
        self.order_lying(site, &format!("trick {trick}")).map(drop)
    }

    /// Another trick for a site that lies already.
    ///
    /// # Errors
    /// It does not lie, or there is no such trick: then it has ended.
    pub fn play(&self, site: u8, trick: &str) -> Result<()> {
        self.order_lying(site, &format!("trick {trick}")).map(drop)
    }

    /// A site that lies tells its peers what is not so, about every account; what came of it.
    ///
    /// # Errors
    /// It does not lie, or has ended.
    pub fn push_forgeries(&self, site: u8) -> Result<Value> {
        self.order_lying(site, "push")
    }

    fn order_lying(&self, site: u8, order: &str) -> Result<Value> {
        self.check_site(site)?;
        let before = lines(&self.answers(site)).len();
        let mut pipe = open_pipe(&self.orders(site))?;
        writeln!(pipe, "{order}").map_err(FleetError::io(&self.orders(site)))?;
        self.answer(site, before)
    }

    /// The answer after `before` others.
    fn answer(&self, site: u8, before: usize) -> Result<Value> {
        let began = Instant::now();
        let processes = self.processes();
        loop {
            if let Some(line) = lines(&self.answers(site)).get(before) {
                return serde_json::from_str(line).map_err(|e| FleetError::Fault(e.to_string()));
            }
            let why = match processes.runs(&server(site)) {
                false => "ended",
                true if began.elapsed() > self.options.patience => "does not answer",
                true => {
                    std::thread::sleep(crate::process::PAUSE);
                    continue;
                }
            };
            let log = processes.log(&server(site));
            return Err(FleetError::service("the site that lies", why.into(), &log));
        }
    }

    fn orders(&self, site: u8) -> PathBuf {
        self.path(&format!("run/site-{site}.orders"))
    }

    fn answers(&self, site: u8) -> PathBuf {
        self.path(&format!("run/site-{site}.answers"))
    }
}

fn open_pipe(path: &Path) -> Result<File> {
    File::options().read(true).write(true).open(path).map_err(FleetError::io(path))
}

/// Whole lines.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(str::to_string).collect()
}
