//! `vault-server`: one site of a vault.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;
use vault_server::ceremony::{
    self, CeremonyArgs, CountersignArgs, OperatorKeyArgs, RenewArgs, RequestChallengesArgs, SendAnchorsArgs,
};
use vault_server::dev_certificates::{DevCertificatesArgs, dev_certificates};

#[derive(Parser)]
#[command(version, about = "One site of a vault of YubiHSM2 devices")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Ceremony(CeremonyArgs),
    RequestChallenges(RequestChallengesArgs),
    SendAnchors(SendAnchorsArgs),
    Renew(RenewArgs),
    /// Make the operator's signing key.
    OperatorKey(OperatorKeyArgs),
    /// Sign the auditor's signature of a bundle.
    Countersign(CountersignArgs),
    DevCertificates(DevCertificatesArgs),
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Ceremony(args) => ceremony::run(&args),
        Command::RequestChallenges(args) => ceremony::request_challenges(&args),
        Command::SendAnchors(args) => ceremony::send_anchors(&args),
        Command::Renew(args) => ceremony::renew(&args),
        Command::OperatorKey(args) => ceremony::operator_key(&args),
        Command::Countersign(args) => ceremony::countersign(&args),
        Command::DevCertificates(args) => exit(dev_certificates(&args)),
    }
}

fn exit(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vault-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
