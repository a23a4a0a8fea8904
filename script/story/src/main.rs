//! Tells the whole story of a backup on this computer, with a MOCK fleet of five sites as real
//! processes: chats in, backed up, everything lost, everything back; with a passkey alone; with
//! sites down, with too many sites down, with a wrong code, an altered backup, a site that lies and
//! a thief of the backup.
//!
//! Drives `keepsake` and a MOCK fleet as a person would, and reads their `--json`.

mod altered;
mod attachments;
mod bad_site_chapter;
mod chats;
mod export;
mod fleet;
mod keepsake;
mod passkey_chapter;
mod report;
mod security_key;
mod shared_steps;
mod steps;
mod stolen_chapter;

use anyhow::{Context, Result};
use clap::Parser;
use fleet::Fleet;
use report::Report;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use steps::Story;
use tempfile::TempDir;

#[derive(Parser)]
#[command(
    name = "story",
    about = "Import, back up, lose everything, recover: against a MOCK fleet on this computer."
)]
struct Arguments {
    /// Print one JSON document at the end instead of words along the way.
    #[arg(long)]
    json: bool,
    /// A messenger's export to use (a zip, a folder or a text file) instead of invented chats.
    #[arg(long, value_name = "PATH")]
    export: Option<PathBuf>,
    /// Keep the folder with the homes, the backup and the fleet's logs, and say where it is. The
    /// fleet is stopped.
    #[arg(long)]
    keep: bool,
    /// Folder of the built programs [default: where this program is].
    #[arg(long, value_name = "DIR", env = "KEEPSAKE_BIN_DIR")]
    bin_dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("story: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything was as expected.
fn run(arguments: Arguments) -> Result<bool> {
    let bin_dir = match arguments.bin_dir {
        Some(dir) => dir.canonicalize().with_context(|| format!("no folder {}", dir.display()))?,
        None => own_folder()?,
    };
    let work = TempDir::with_prefix("keepsake-story-")?;
    let fleet = Fleet::new(&bin_dir, &work.path().join("fleet"))?;

    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;

    let mut report = Report::new(arguments.json, Arc::clone(&interrupted));
    let mut story = Story::new(fleet, &bin_dir, work.path(), arguments.export)?;
    let told = story.tell(&mut report);
    let stopped = story.stop();
    let failed = told.is_err() && !interrupted.load(Ordering::Relaxed);
    let kept = keep(work, arguments.keep || failed);
    report.finish(told.and(stopped), kept.as_deref())
}

fn own_folder() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().map(Path::to_path_buf).unwrap_or_default())
}

/// After a failure everything stays for a look.
fn keep(work: TempDir, wanted: bool) -> Option<PathBuf> {
    wanted.then(|| work.keep())
}
