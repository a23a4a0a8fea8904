//! MOCK: serves one emulated YubiHSM2.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use hsm_mock::{
    Config, ConnectorOptions, Emulator, Firmware, LOCAL_HOSTS, Latency, MOCK_ROOT_PEM,
    MOCK_SUB_CA_PEM,
};
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
    /// Close a connection after this many seconds without a request, as the real connector does; 0
    /// leaves it open
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    idle_timeout: u64,
    /// Send answers over 2,048 bytes whole; the real connector sends them in chunks
    #[arg(long)]
    no_chunked: bool,
    /// Refuse requests whose Host header is not on the list
    #[arg(long)]
    enable_host_header_allowlist: bool,
    /// Hosts on that list, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "HOSTS", default_values = LOCAL_HOSTS)]
    host_header_allowlist: Vec<String>,
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
    let config = Config {
        serial: arguments.serial,
        firmware: arguments.firmware,
        latency,
        state_file: arguments.state.clone(),
    };
    let options = connector_options(&arguments);
    let emulator = Emulator::new(config)?;
    let listener = TcpListener::bind(arguments.listen).await.context(arguments.listen)?;
    println!(
        "MOCK YubiHSM2 (not hardware), serial {}, firmware {}, connector at http://{}",
        arguments.serial,
        arguments.firmware,
        listener.local_addr()?
    );
    tokio::select! {
        served = hsm_mock::serve(listener, emulator, options) => served.context("serving"),
        interrupted = tokio::signal::ctrl_c() => interrupted.context("waiting for Ctrl-C"),
    }
}

fn connector_options(arguments: &Arguments) -> ConnectorOptions {
    let idle = arguments.idle_timeout;
    let hosts = &arguments.host_header_allowlist;
    ConnectorOptions {
        idle_timeout: (idle > 0).then(|| Duration::from_secs(idle)),
        chunked_answers: !arguments.no_chunked,
        allowed_hosts: arguments.enable_host_header_allowlist.then(|| hosts.clone()),
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
