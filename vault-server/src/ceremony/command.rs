//! `vault-server ceremony plan|dry-run|run|resume|start-over`.

use super::{CeremonyError, OutFolder, Plan, begin_and_run, describe, dry_run, resume, start_over};
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
pub fn run(args: &CeremonyArgs) -> ExitCode {
    match act(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e @ CeremonyError::Waiting(_)) => {
            println!("{e}");
            ExitCode::from(WAITING)
        }
        Err(e) => {
            eprintln!("ceremony: {e}");
            ExitCode::FAILURE
        }
    }
}

fn act(args: &CeremonyArgs) -> Result<(), CeremonyError> {
    let plan = Plan::read(&args.plan)?;
    let out = OutFolder::new(&args.out);
    match args.action {
        Action::Plan => print(describe(&plan)),
        Action::DryRun => print(dry_run(&plan)?),
        Action::Run => done(&out, &begin_and_run(&plan, &out, &show)?),
        Action::Resume => done(&out, &resume(&plan, &out, &show)?),
        Action::StartOver => done(&out, &start_over(&plan, &out, &show)?),
    }
    Ok(())
}

fn print(lines: Vec<String>) {
    lines.iter().for_each(|line| println!("{line}"));
}

fn show(out: &OutFolder, step: &str) -> Result<(), CeremonyError> {
    println!("{step}");
    out.note(step)
}

fn done(out: &OutFolder, bundle: &Bundle) {
    println!("The ceremony is complete. Evidence: {}", out.evidence().display());
    println!("Bundle {}: {}", bundle.id(), out.bundle().display());
    println!("Next: the auditor signs, you countersign, the auditor publishes.");
}
