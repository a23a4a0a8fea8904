//! Serving devices until told to stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use hsm_mock::{
    Config, ConnectorOptions, Emulator, MOCK_ROOT_PEM, MOCK_SUB_CA_PEM, serve, serve_control,
};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing_subscriber::EnvFilter;

use super::address;
use super::arguments::ServeArguments;
use super::parent;

/// Where the lines of `--trace` come from.
const COMMANDS: &str = "hsm_mock::command=info";

/// Serves what the arguments say.
pub(super) fn run(arguments: ServeArguments) -> anyhow::Result<()> {
    log_to_standard_error(arguments.trace)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("starting the runtime")?.block_on(serve_all(arguments))
}

fn log_to_standard_error(trace: bool) -> anyhow::Result<()> {
    let mut filter = EnvFilter::from_default_env();
    if trace {
        filter = filter.add_directive(COMMANDS.parse().context("the filter of --trace")?);
    }
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    Ok(())
}

async fn serve_all(arguments: ServeArguments) -> anyhow::Result<()> {
    let (host, port) = address::parse(&arguments.listen)?;
    let options = arguments.connector(&host)?;
    if let Some(folder) = &arguments.root_dir {
        write_certificates(folder, &options)?;
    }
    check_serials(&arguments.serial)?;
    let mut tasks = JoinSet::new();
    let mut devices = Vec::new();
    let mut lines = Vec::new();
    for (index, serial) in arguments.serial.iter().enumerate() {
        let emulator = Emulator::new(config(&arguments, *serial)?)?;
        let port = following(port, index)?;
        let listeners = listen(&host, port).await?;
        let first = listeners[0].local_addr().context("reading the port")?;
        lines.push((line(&emulator, options.scheme(), first), first.port()));
        for listener in listeners {
            tasks.spawn(serve(listener, emulator.clone(), options.clone()));
        }
        devices.push(emulator);
    }
    if let Some(text) = &arguments.control {
        let (host, port) = address::parse(text)?;
        for listener in listen(&host, port).await? {
            tasks.spawn(serve_control(listener, devices.clone()));
        }
    }
    for (line, port) in lines {
        match arguments.print_port {
            // Standard output is for a program then; a person still sees what this is.
            true => {
                eprintln!("{line}");
                println!("{port}");
            }
            false => println!("{line}"),
        }
    }
    tokio::select! {
        ended = tasks.join_next() => match ended {
            Some(ended) => ended.context("serving")?.context("serving"),
            None => Ok(()),
        },
        interrupted = tokio::signal::ctrl_c() => interrupted.context("waiting for Ctrl-C"),
        () = parent::ended(), if arguments.exit_with_parent => Ok(()),
    }
}

fn check_serials(serials: &[u32]) -> anyhow::Result<()> {
    let mut sorted = serials.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() != serials.len() {
        bail!("two devices cannot have the same serial number");
    }
    Ok(())
}

fn config(arguments: &ServeArguments, serial: u32) -> anyhow::Result<Config> {
    Ok(Config {
        firmware: arguments.firmware,
        latency: arguments.latency.into(),
        state_file: state_file(arguments, serial)?,
        seed: arguments.seed,
        fips: arguments.fips,
        ..Config::new(serial)
    })
}

/// One device has the file itself, several have one each in the folder.
fn state_file(arguments: &ServeArguments, serial: u32) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = &arguments.state else { return Ok(None) };
    if arguments.serial.len() == 1 {
        return Ok(Some(path.clone()));
    }
    std::fs::create_dir_all(path).with_context(|| format!("creating {}", path.display()))?;
    Ok(Some(path.join(format!("{serial}.db"))))
}

fn following(port: u16, index: usize) -> anyhow::Result<u16> {
    if port == 0 {
        return Ok(0);
    }
    let next = u16::try_from(index).ok().and_then(|index| port.checked_add(index));
    next.context("there are not so many ports")
}

/// Listens at every address of a host, on the same port: `localhost` has one of IPv4 and one of
/// IPv6. One of them may be missing on this machine, not all.
async fn listen(host: &str, port: u16) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut failed = None;
    for mut address in address::resolve(host, port)? {
        if let Some(first) = listeners.first() {
            address.set_port(first.local_addr().context("reading the port")?.port());
        }
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) => failed = Some((address, error)),
        }
    }
    match failed {
        Some((address, error)) if listeners.is_empty() => {
            Err(error).with_context(|| format!("listening at {address}"))
        }
        _ => Ok(listeners),
    }
}

fn line(emulator: &Emulator, scheme: &str, address: SocketAddr) -> String {
    format!(
        "MOCK YubiHSM2 (not hardware), serial {}, firmware {}, connector at {scheme}://{address}",
        emulator.serial(),
        emulator.firmware()
    )
}

fn write_certificates(folder: &Path, options: &ConnectorOptions) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut files = vec![("mock-root.pem", MOCK_ROOT_PEM), ("mock-sub-ca.pem", MOCK_SUB_CA_PEM)];
    #[cfg(feature = "tls")]
    files.extend(options.tls.iter().map(|tls| ("mock-tls.pem", tls.certificate_pem())));
    for (name, pem) in files {
        let path = folder.join(name);
        std::fs::write(&path, pem).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
