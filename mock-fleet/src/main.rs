//! `mock-fleet`: a whole MOCK fleet from a shell.

use clap::{Parser, Subcommand, ValueEnum};
use mock_fleet::{Fault, FleetFolder, Latency, Options, Programs, Result, Wanted};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// A whole MOCK recovery fleet on this computer: emulated YubiHSM2 devices, a ceremony, an auditor,
/// and one vault-server per site. Its keys protect nothing.
#[derive(Parser)]
#[command(name = "mock-fleet", version)]
struct Arguments {
    /// Where the fleet lives, one folder for each fleet.
    #[arg(long, env = "KEEPSAKE_FLEET_DIR", default_value = ".fleet", global = true)]
    dir: PathBuf,
    /// How long the devices take.
    #[arg(long, env = "KEEPSAKE_FLEET_LATENCY", value_enum, default_value = "none", global = true)]
    latency: LatencyName,
    /// `forwarded`: sites made now believe this computer's word on who calls (header Forwarded).
    #[arg(long, env = "KEEPSAKE_FLEET_PROXY", global = true)]
    proxy: Option<String>,
    /// Seconds that a program may take to be ready.
    #[arg(long, env = "KEEPSAKE_FLEET_WAIT", default_value_t = 60, global = true)]
    wait: u64,
    /// `yes`: each device listens for `hsm-mock control`, which may do anything to it.
    #[arg(long, env = "KEEPSAKE_FLEET_CONTROL", default_value = "no", global = true)]
    control: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
enum LatencyName {
    None,
    Yubihsm2,
}

#[derive(Subcommand)]
enum Command {
    /// Make the fleet, or start the one that is there.
    Up {
        /// 3, 5 (if nothing is said) or 7.
        #[arg(long)]
        sites: Option<u8>,
        /// The first of 40 ports; free ones are looked for if nothing is said.
        #[arg(long)]
        base_port: Option<u16>,
    },
    /// Stop it; its state stays.
    Down,
    /// Sites, health, fleet URL.
    Status {
        #[arg(long)]
        json: bool,
    },
    /// Kill a site's program, as a loss of power does.
    #[command(alias = "kill-site")]
    Kill { site: u8 },
    /// Start a site again.
    #[command(alias = "start-site")]
    Start { site: u8 },
    /// Stop a site and start it again.
    Restart { site: u8 },
    /// Make something be wrong with a site: down, hung, device-hung, slow, clock=SECONDS, or
    /// lying=TRICK (a trick of bad-site).
    Fault { site: u8, kind: Fault },
    /// End what is wrong with a site.
    Mend { site: u8 },
    /// Send every site SIGHUP: certificates, bundles, limits anew.
    Reload,
    /// Stop it and delete its state.
    Remove,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("MOCK fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let options = options(&arguments);
    let dir = arguments.dir;
    if let Command::Up { sites, base_port } = arguments.command {
        let say = |line: &str| println!("{line}");
        let programs = Programs::find_or_build()?;
        let fleet = FleetFolder::up(&dir, Wanted { sites, base_port }, programs, options, &say)?;
        print!("{}", fleet.status_text());
        return Ok(());
    }
    // Stopping and looking need no programs.
    let programs = || Programs::find();
    let open = |programs| FleetFolder::open(&dir, programs, options.clone());
    let here = |fleet: &FleetFolder| fleet.dir().display().to_string();
    match arguments.command {
        Command::Up { .. } => {}
        Command::Down => {
            let fleet = open(Programs::none())?;
            fleet.down()?;
            println!("The MOCK fleet in {} is stopped; `up` starts it again", here(&fleet));
        }
        Command::Remove => {
            let fleet = open(Programs::none())?;
            fleet.remove()?;
            println!("The MOCK fleet in {} is gone", here(&fleet));
        }
        Command::Status { json } => status(&open(Programs::none())?, json),
        Command::Kill { site } => {
            open(Programs::none())?.kill(site)?;
            println!("MOCK site {site} is killed");
        }
        Command::Start { site } => {
            open(programs()?)?.start(site)?;
            println!("MOCK site {site} is up");
        }
        Command::Restart { site } => {
            open(programs()?)?.restart(site)?;
            println!("MOCK site {site} is up again");
        }
        Command::Fault { site, kind } => {
            open(programs()?)?.inflict(site, &kind)?;
            println!("MOCK site {site}: {kind}");
        }
        Command::Mend { site } => {
            open(programs()?)?.mend(site)?;
            println!("MOCK site {site} is mended");
        }
        Command::Reload => {
            open(Programs::none())?.reload()?;
            println!("all MOCK sites were told to reload");
        }
    }
    Ok(())
}

fn status(fleet: &FleetFolder, json: bool) {
    match json {
        true => println!("{}", serde_json::to_string(&fleet.status()).expect("plain data")),
        false => print!("{}", fleet.status_text()),
    }
}

fn options(arguments: &Arguments) -> Options {
    Options {
        latency: match arguments.latency {
            LatencyName::None => Latency::None,
            LatencyName::Yubihsm2 => Latency::Yubihsm2,
        },
        proxy: arguments.proxy.clone().filter(|header| !header.is_empty()),
        patience: Duration::from_secs(arguments.wait),
        control: arguments.control == "yes",
    }
}
