//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
#[cfg(feature = "tls")]
use hsm_mock::Tls;
use hsm_mock::{Action, ConnectorOptions, Firmware, LOCAL_HOSTS, Latency};

/// MOCK YubiHSM2 behind the yubihsm-connector HTTP protocol. NOT HARDWARE: it protects nothing.
///
/// Without arguments: one device at http://localhost:12345, authentication key 1, password
/// "password", its state in memory.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: ServeArguments,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Do something to a device that another hsm-mock serves with --control
    #[command(after_help = format!("Actions:\n{}", Action::forms()))]
    Control(ControlArguments),
}

#[derive(Args)]
pub(crate) struct ControlArguments {
    /// The control port
    #[arg(long, default_value = "127.0.0.1:12346", value_name = "ADDRESS")]
    pub at: String,
    /// Which device, if there are several
    #[arg(long)]
    pub serial: Option<u32>,
    /// The action and its arguments
    #[arg(required = true, num_args = 1.., value_name = "ACTION")]
    pub action: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ServeArguments {
    /// Where to listen: a port, an address with or without one, or a URL; port 0 is any free one.
    /// Several devices listen on ports that follow each other
    #[arg(long, default_value = "localhost:12345", value_name = "ADDRESS")]
    pub listen: String,
    /// Serial number of the MOCK device; several, separated by commas, for as many devices
    #[arg(long, default_value = "1", value_delimiter = ',', value_name = "SERIAL")]
    pub serial: Vec<u32>,
    /// Keep the device's state in this file, or in this folder for several devices; without it, in
    /// memory
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Firmware version to behave as
    #[arg(long, default_value_t = Firmware::default())]
    pub firmware: Firmware,
    /// Behave as a device of the FIPS series, whose FIPS mode can be turned on
    #[arg(long)]
    pub fips: bool,
    /// How long commands take
    #[arg(long, value_enum, default_value_t = LatencyArgument::None)]
    pub latency: LatencyArgument,
    /// Make the same keys, ids and nonces each time
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Close a connection after this many seconds without a request, as the real connector does; 0
    /// leaves it open
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    idle_timeout: u64,
    /// Send answers over 2,048 bytes whole; the real connector sends them in chunks
    #[arg(long)]
    no_chunked: bool,
    /// Serve TLS with a new certificate, which --root-dir writes as mock-tls.pem
    #[cfg(feature = "tls")]
    #[arg(long, conflicts_with = "cert")]
    pub tls: bool,
    /// Serve TLS with this certificate (PEM)
    #[cfg(feature = "tls")]
    #[arg(long, requires = "key", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[cfg(feature = "tls")]
    #[arg(long, requires = "cert", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Refuse requests whose Host header is not on the list
    #[arg(long)]
    enable_host_header_allowlist: bool,
    /// Hosts on that list, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "HOSTS", default_values = LOCAL_HOSTS)]
    host_header_allowlist: Vec<String>,
    /// Listen here for actions of `hsm-mock control`; whoever reaches it can do anything
    #[arg(long, value_name = "ADDRESS")]
    pub control: Option<String>,
    /// Print each command by name, without its data, to standard error (also RUST_LOG)
    #[arg(long)]
    pub trace: bool,
    /// Print only the port, once it is open; one line for each device
    #[arg(long)]
    pub print_port: bool,
    /// Stop when the program that started this one has ended
    #[arg(long)]
    pub exit_with_parent: bool,
    /// Write the MOCK attestation certificates (mock-root.pem, mock-sub-ca.pem) to this folder
    #[arg(long, value_name = "DIR")]
    pub root_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum LatencyArgument {
    /// As fast as this machine
    None,
    /// About as slow as the device
    Yubihsm2,
}

impl From<LatencyArgument> for Latency {
    fn from(argument: LatencyArgument) -> Self {
        match argument {
            LatencyArgument::None => Self::None,
            LatencyArgument::Yubihsm2 => Self::YubiHsm2,
        }
    }
}

impl ServeArguments {
    /// How the connector treats its clients. `host` is where it listens.
    pub(crate) fn connector(&self, host: &str) -> anyhow::Result<ConnectorOptions> {
        let idle = self.idle_timeout;
        let hosts = &self.host_header_allowlist;
        Ok(ConnectorOptions {
            idle_timeout: (idle > 0).then(|| Duration::from_secs(idle)),
            chunked_answers: !self.no_chunked,
            allowed_hosts: self.enable_host_header_allowlist.then(|| hosts.clone()),
            #[cfg(feature = "tls")]
            tls: self.tls(host)?,
        })
    }

    #[cfg(feature = "tls")]
    fn tls(&self, host: &str) -> anyhow::Result<Option<Tls>> {
        Ok(match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Some(Tls::from_files(cert, key)?),
            _ if self.tls => Some(Tls::self_signed(&["localhost", "127.0.0.1", "::1", host])?),
            _ => None,
        })
    }
}
