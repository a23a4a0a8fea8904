//! `keepsake-operator ceremony plan|dry-run|run|resume|start-over`.

use super::{begin_and_run, describe, dry_run, resume, start_over};
use crate::error::OperatorError;
use crate::out_folder::OutFolder;
use crate::plan::Plan;
use crate::site_program::SiteProgram;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use vault_protocol::Bundle;

/// Exit code while another party has to act.
const WAITING: u8 = 3;

/// Sets up a fleet's devices.
#[derive(Args, Debug)]
pub struct CeremonyArgs {
    action: Action,
    /// The plan (JSON).
    #[arg(long)]
    plan: PathBuf,
    /// The ceremony's folder; holds secrets, mode 0600, until they are at their sites.
    #[arg(long)]
    out: PathBuf,
    /// The program that the sites will run, which the evidence names; without it, `vault-server`
    /// beside this program.
    #[arg(long)]
    site_program: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    /// Check the plan and print every step; touches nothing.
    Plan,
    /// Look at every device; changes nothing.
    DryRun,
    /// Begin.
    Run,
    /// Go on after a stop.
    Resume,
    /// Erase the devices and begin again.
    StartOver,
}

/// Exit codes: 0 done, 1 refused or failed, 3 waiting for the auditor.
pub fn ceremony(args: &CeremonyArgs) -> ExitCode {
    match act(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e @ OperatorError::Waiting(_)) => {
            println!("{e}");
            ExitCode::from(WAITING)
        }
        Err(e) => {
            eprintln!("ceremony: {e}");
            ExitCode::FAILURE
        }
    }
}

fn act(args: &CeremonyArgs) -> Result<(), OperatorError> {
    let plan = Plan::read(&args.plan)?;
    let out = OutFolder::new(&args.out);
    let site_program = || SiteProgram::read(args.site_program.as_deref());
    match args.action {
        Action::Plan => print(describe(&plan)),
        Action::DryRun => print(dry_run(&plan)?),
        Action::Run => done(&out, &begin_and_run(&plan, &out, &site_program()?, &show)?),
        Action::Resume => done(&out, &resume(&plan, &out, &site_program()?, &show)?),
        Action::StartOver => done(&out, &start_over(&plan, &out, &site_program()?, &show)?),
    }
    Ok(())
}

fn print(lines: Vec<String>) {
    lines.iter().for_each(|line| println!("{line}"));
}

fn show(out: &OutFolder, step: &str) -> Result<(), OperatorError> {
    println!("{step}");
    out.note(step)
}

fn done(out: &OutFolder, bundle: &Bundle) {
    println!("The ceremony is complete. Evidence: {}", out.evidence().display());
    println!("Bundle {}: {}", bundle.id(), out.bundle().display());
    println!("Next: the auditor signs, you countersign, the auditor publishes.");
}
