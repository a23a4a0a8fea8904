//! A site whose operator cheats: it stands in the place of an honest site of a running fleet, with
//! that site's own device, logins, certificates and disk, and does what it is told on its standard
//! input.
//!
//! ```text
//! trick NAME   from now on answers clients and peers with this trick     {"trick":"NAME"}
//! push         sends its peers forged and old facts of every account
//!                                                       {"pushed":40,"accounts":2,"believed":0}
//! ```
//!
//! Each line is answered with one line of JSON. The end of its input ends it.

mod forgeries;
mod holdings;
mod listeners;
mod switch;

use anyhow::{Context, Result};
use clap::Parser;
use forgeries::Forger;
use listeners::Doors;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use switch::{Switch, trick};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use vault_server::config::Config;
use vault_server::node::Listeners;
use vault_simulation::corrupt::Corrupt;

#[derive(Parser)]
#[command(about = "A site of a MOCK fleet that cheats, for tests")]
struct Arguments {
    /// The honest site's configuration. That site must not be running.
    #[arg(long)]
    config: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bad-site: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let config = Config::read(&arguments.config)?;
    let sockets = Listeners::bind(&config)?;
    let inside = holdings::take(config).await?;
    let switch = Arc::new(Switch::honest());
    let corrupt = Arc::new(Corrupt::new(inside.site, switch.clone()));
    let _doors = Doors::open(&inside.config, sockets, corrupt.clone(), inside.api.clone())?;
    let mut forger = Forger::new(&inside.config)?;
    say(&json!({"ready": true}))?;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        say(&match line.split_once(' ').unwrap_or((&line, "")) {
            ("trick", name) => {
                switch.set(trick(name).with_context(|| format!("no trick {name:?}"))?);
                json!({"trick": name})
            }
            ("push", "") => serde_json::to_value(forger.push(corrupt.site()).await)?,
            _ => anyhow::bail!("{line:?} is neither `trick NAME` nor `push`"),
        })?;
    }
    inside.node.stop().await;
    Ok(())
}

fn say(answer: &serde_json::Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{answer}")?;
    Ok(out.flush()?)
}
