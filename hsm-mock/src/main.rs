//! MOCK: serves one emulated YubiHSM2.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Parser, ValueEnum};
use hsm_mock::{Config, Emulator, Firmware, Latency, MOCK_ROOT_PEM, MOCK_SUB_CA_PEM};
use tokio::net::TcpListener;

/// MOCK YubiHSM2 behind the yubihsm-connector HTTP protocol. NOT HARDWARE: it protects nothing.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen, such as 127.0.0.1:12345
    #[arg(long)]
    listen: SocketAddr,
    /// Serial number of the MOCK device
    #[arg(long)]
    serial: u32,
    /// Keep the device's state in this file; without it, in memory
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Firmware version to behave as
    #[arg(long, default_value_t = Firmware::default())]
    firmware: Firmware,
    /// How long commands take
    #[arg(long, value_enum, default_value_t = LatencyArgument::None)]
    latency: LatencyArgument,
    /// Write the MOCK attestation certificates (mock-root.pem, mock-sub-ca.pem) to this folder
    #[arg(long, value_name = "DIR")]
    root_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LatencyArgument {
    /// As fast as this machine
    None,
    /// About as slow as the device
    Yubihsm2,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    if let Some(folder) = &arguments.root_dir {
        write_certificates(folder)?;
    }
    let latency = match arguments.latency {
        LatencyArgument::None => Latency::None,
        LatencyArgument::Yubihsm2 => Latency::YubiHsm2,
    };
    let config =
        Config { serial: arguments.serial, firmware: arguments.firmware, latency, state_file: arguments.state };
    let emulator = Emulator::new(config)?;
    let listener = TcpListener::bind(arguments.listen).await.context(arguments.listen)?;
    println!(
        "MOCK YubiHSM2 (not hardware), serial {}, firmware {}, connector at http://{}",
        arguments.serial,
        arguments.firmware,
        listener.local_addr()?
    );
    tokio::select! {
        served = hsm_mock::serve(listener, emulator) => served.context("serving"),
        interrupted = tokio::signal::ctrl_c() => interrupted.context("waiting for Ctrl-C"),
    }
}

fn write_certificates(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    for (name, pem) in [("mock-root.pem", MOCK_ROOT_PEM), ("mock-sub-ca.pem", MOCK_SUB_CA_PEM)] {
        let path = folder.join(name);
        std::fs::write(&path, pem).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
