//! `auditor`: exit code 0 done, 1 refused, 2 could not be tried (usage, files, disk).

use auditor::{Access, AuditError, Auditor, InitOptions, read_evidence_folder, router};
use clap::{Parser, Subcommand};
use fleet_evidence::folder::AnchorRequest;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use vault_protocol::{Bundle, SignedBundle};

/// Examines a fleet's evidence, signs its bundles, keeps the public log.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Print errors as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make keys, the trust document and an empty log.
    Init(Init),
    /// Issue and record a random challenge per device, before its factory reset.
    Challenge {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long = "serial", required = true)]
        serials: Vec<u32>,
    },
    /// Record how devices' logs began after the reset; prints anchors.json.
    Anchor {
        #[arg(long)]
        dir: PathBuf,
        /// SERIAL:CHALLENGE:ANCHOR, the latter two in hex.
        #[arg(long = "device", required = true, value_parser = parse_anchor)]
        devices: Vec<AnchorRequest>,
    },
    /// Examine a bundle and its evidence folder and sign it.
    Sign {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        bundle: PathBuf,
        #[arg(long)]
        evidence: PathBuf,
    },
    /// Check the operator's counter-signature, log the bundle and publish it.
    Publish {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        signed: PathBuf,
    },
    /// Serve the published files, and requests unless --read-only.
    Serve {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long, default_value = "127.0.0.1:7200")]
        listen: SocketAddr,
        #[arg(long)]
        read_only: bool,
    },
    /// Print the trust id: the pin of a fleet URL.
    TrustId {
        #[arg(long)]
        dir: PathBuf,
    },
}

/// Bytes of a file that is named on the command line: far above a bundle (64 KiB) and certificates.
const MAX_ARGUMENT: u64 = 1024 * 1024;

#[derive(clap::Args)]
struct Init {
    #[arg(long)]
    dir: PathBuf,
    #[arg(long)]
    namespace: String,
    /// The operator's Ed25519 public key in hex.
    #[arg(long)]
    operator_key: String,
    /// Name of the log in its checkpoints; the namespace if not given.
    #[arg(long)]
    origin: Option<String>,
    /// PEM file of a root that device certificates may end at; Yubico's if none is given.
    #[arg(long = "attestation-root")]
    attestation_roots: Vec<PathBuf>,
    /// The fleet consists of emulators.
    #[arg(long)]
    mock: bool,
    #[arg(long, default_value = "2.3.1")]
    minimum_firmware: String,
    /// PEM file of the root of the sites' TLS certificates.
    #[arg(long)]
    tls_ca: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, arguments.json);
            if error.is_refusal() { ExitCode::from(1) } else { ExitCode::from(2) }
        }
    }
}

fn run(command: Command) -> Result<(), AuditError> {
    match command {
        Command::Init(init) => print(&serde_json::json!({ "trust_id": trust_id(&create(init)?) })),
        Command::Challenge { dir, serials } => {
            print(&Auditor::open(&dir)?.challenge(&serials, now())?)
        }
        Command::Anchor { dir, devices } => print(&Auditor::open(&dir)?.anchor(&devices, now())?),
        Command::Sign { dir, bundle, evidence } => {
            let bundle = Bundle::from_json(&read(&bundle)?)
                .map_err(|e| AuditError::Malformed(e.to_string()))?;
            print(&Auditor::open(&dir)?.sign(&bundle, &read_evidence_folder(&evidence)?, now())?)
        }
        Command::Publish { dir, signed } => {
            let signed = SignedBundle::from_json(&read(&signed)?)
                .map_err(|e| AuditError::Malformed(e.to_string()))?;
            print(&Auditor::open(&dir)?.publish(signed)?)
        }
        Command::Serve { dir, listen, read_only } => serve(dir, listen, read_only),
        Command::TrustId { dir } => {
            println!("{}", trust_id(&Auditor::open(&dir)?));
            Ok(())
        }
    }
}

fn create(init: Init) -> Result<Auditor, AuditError> {
    let text = |path: &PathBuf| {
        String::from_utf8(read(path)?).map_err(|e| AuditError::Malformed(e.to_string()))
    };
    let options = InitOptions {
        origin: init.origin.unwrap_or_else(|| init.namespace.clone()),
        namespace: init.namespace,
        operator_key: init.operator_key,
        attestation_roots: init.attestation_roots.iter().map(text).collect::<Result<_, _>>()?,
        mock: init.mock,
        minimum_firmware: init.minimum_firmware,
        tls_ca: init.tls_ca.as_ref().map(text).transpose()?,
    };
    Auditor::init(&init.dir, options)
}

fn serve(dir: PathBuf, listen: SocketAddr, read_only: bool) -> Result<(), AuditError> {
    // Fails at once, not at the first request, if the directory is not sound.
    drop(Auditor::open(&dir)?);
    let access = if read_only { Access::ReadOnly } else { Access::Full };
    let at = |source| AuditError::Io { path: listen.to_string().into(), source };
    let runtime = tokio::runtime::Runtime::new().map_err(at)?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(at)?;
        tracing::info!(address = %listener.local_addr().map_err(at)?, "listening");
        axum::serve(listener, router(dir, access)).with_graceful_shutdown(stop()).await.map_err(at)
    })
}

async fn stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

fn trust_id(auditor: &Auditor) -> String {
    hex::encode(auditor.trust().id())
}

fn read(path: &Path) -> Result<Vec<u8>, AuditError> {
    durable_files::read_bounded(path, MAX_ARGUMENT)
        .map_err(|source| AuditError::Io { path: path.to_path_buf(), source })
}

fn parse_anchor(text: &str) -> Result<AnchorRequest, String> {
    let wrong = || "expected SERIAL:CHALLENGE:ANCHOR".to_string();
    let [serial, challenge, anchor] = text.split(':').collect::<Vec<_>>()[..] else {
        return Err(wrong());
    };
    let mut request = AnchorRequest {
        serial: serial.parse().map_err(|_| wrong())?,
        challenge: [0; 32],
        anchor: [0; 16],
    };
    hex::decode_to_slice(challenge, &mut request.challenge).map_err(|_| wrong())?;
    hex::decode_to_slice(anchor, &mut request.anchor).map_err(|_| wrong())?;
    Ok(request)
}

fn print<T: Serialize>(value: &T) -> Result<(), AuditError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|e| AuditError::Malformed(e.to_string()))?;
    println!("{text}");
    Ok(())
}

fn report(error: &AuditError, json: bool) {
    let body = match error {
        AuditError::Evidence(report) => serde_json::to_value(report).unwrap_or_default(),
        _ => serde_json::Value::Null,
    };
    if json {
        eprintln!(
            "{}",
            serde_json::json!({ "code": error.code(), "error": error.to_string(), "report": body })
        );
        return;
    }
    eprintln!("auditor: {error}");
    if let AuditError::Evidence(report) = error {
        for check in report.checks.iter().filter(|c| c.outcome != fleet_evidence::Outcome::Pass) {
            eprintln!("  {} {} ({})", check.id, check.sentence, check.reason);
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
