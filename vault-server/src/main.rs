//! `vault-server`: one site of a vault.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use vault_server::ceremony::{
    self, CeremonyArgs, CountersignArgs, GatherStatementsArgs, OperatorKeyArgs, RenewArgs, RequestChallengesArgs,
    SendAnchorsArgs, VouchArgs,
};
use vault_server::config::Config;
use vault_server::dev_certificates::{DevCertificatesArgs, dev_certificates};
use vault_server::node::{Listeners, Node};
use vault_server::own_device;

#[derive(Parser)]
#[command(version, about = "One site of a vault of YubiHSM2 devices")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve as one site of a fleet.
    Node {
        /// The site's configuration (JSON).
        #[arg(long)]
        config: PathBuf,
    },
    Ceremony(CeremonyArgs),
    RequestChallenges(RequestChallengesArgs),
    SendAnchors(SendAnchorsArgs),
    Renew(RenewArgs),
    Vouch(VouchArgs),
    GatherStatements(GatherStatementsArgs),
    /// Make the operator's signing key.
    OperatorKey(OperatorKeyArgs),
    /// Sign the auditor's signature of a bundle.
    Countersign(CountersignArgs),
    DevCertificates(DevCertificatesArgs),
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,openraft=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Node { config } => exit(node(&config)),
        Command::Ceremony(args) => ceremony::run(&args),
        Command::RequestChallenges(args) => ceremony::request_challenges(&args),
        Command::SendAnchors(args) => ceremony::send_anchors(&args),
        Command::Renew(args) => ceremony::renew(&args),
        Command::Vouch(args) => ceremony::vouch(&args),
        Command::GatherStatements(args) => ceremony::gather_statements(&args),
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

fn node(path: &std::path::Path) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let listeners = Listeners::bind(&config)?;
    let (device, config) = own_device::open(&config)?;
    let device = Arc::new(device);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let node = Node::start(&config, device, listeners).await?;
        node.run_until(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await?;
        Ok(())
    })
}
