//! `vault-server`: one site of a vault.

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;
use vault_server::config::Config;
use vault_server::node::{Listeners, Node};
use vault_server::own_device;
use vault_server::vouch::{VouchArgs, vouch};

#[derive(Parser)]
#[command(version, about = "One site of a vault of YubiHSM2 devices")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve as one site of a fleet. SIGHUP reloads certificates, bundles and limits.
    Node {
        /// The site's configuration (JSON).
        #[arg(long)]
        config: PathBuf,
    },
    Vouch(VouchArgs),
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
        Command::Node { config } => exit(node(&config)),
        Command::Vouch(args) => vouch(&args),
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

fn node(path: &Path) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before anything that takes long: a signal to reload must not end the program.
        let mut stops = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        let mut reload = signal(SignalKind::hangup())?;
        let listeners = Listeners::bind(&config)?;
        let opening = tokio::task::spawn_blocking(move || own_device::open(&config));
        let (device, config) = opening.await??;
        let node = Node::start(&config, Arc::new(device), listeners).await?;
        while is_to_reload(&mut stops, &mut reload).await {
            match Config::read(path) {
                Ok(config) => node.reload(&config),
                Err(error) => tracing::error!(%error, "nothing is reloaded"),
            }
        }
        node.stop().await;
        Ok(())
    })
}

/// Waits for a signal: true to reload, false to stop.
async fn is_to_reload([terminate, interrupt]: &mut [Signal; 2], reload: &mut Signal) -> bool {
    tokio::select! {
        _ = terminate.recv() => false,
        _ = interrupt.recv() => false,
        _ = reload.recv() => true,
    }
}
