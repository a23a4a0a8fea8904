//! `keepsake-operator`: sets up a fleet of YubiHSM2 devices and keeps its documents.

use clap::{Parser, Subcommand};
use operator::auditor::{RequestChallengesArgs, SendAnchorsArgs, request_challenges, send_anchors};
use operator::ceremony::{CeremonyArgs, ceremony};
use operator::countersign::{CountersignArgs, countersign};
use operator::dev_certificates::{DevCertificatesArgs, dev_certificates};
use operator::gather_statements::{GatherStatementsArgs, gather_statements};
use operator::keys::{OperatorKeyArgs, operator_key};
use operator::renew::{RenewArgs, renew};
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(
    name = "keepsake-operator",
    version,
    about = "Sets up a fleet of YubiHSM2 devices and keeps its documents"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the operator's signing key.
    OperatorKey(OperatorKeyArgs),
    RequestChallenges(RequestChallengesArgs),
    Ceremony(CeremonyArgs),
    SendAnchors(SendAnchorsArgs),
    /// Sign the auditor's signature of a bundle.
    Countersign(CountersignArgs),
    Renew(RenewArgs),
    GatherStatements(GatherStatementsArgs),
    DevCertificates(DevCertificatesArgs),
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let stderr = std::io::stderr;
    let colours = stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(colours)
        .with_target(false)
        .init();
    match Arguments::parse().command {
        Command::OperatorKey(args) => operator_key(&args),
        Command::RequestChallenges(args) => request_challenges(&args),
        Command::Ceremony(args) => ceremony(&args),
        Command::SendAnchors(args) => send_anchors(&args),
        Command::Countersign(args) => countersign(&args),
        Command::Renew(args) => renew(&args),
        Command::GatherStatements(args) => gather_statements(&args),
        Command::DevCertificates(args) => dev_certificates(&args),
    }
}
