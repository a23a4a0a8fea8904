//! The program's arguments.

use anyhow::Context;
use clap::Parser;
use key_mock::{Key, Model, Socket, Touch, serve};
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// MOCK security key (FIDO2, CTAP 2.1). NOT HARDWARE: it protects nothing.
///
/// Starting it plugs the key in, ending it pulls the key out.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Unix socket that carries the key's HID reports, 64 bytes each, in both directions
    #[arg(long, value_name = "SOCKET")]
    listen: PathBuf,
    /// Keeps the key's credentials, PIN and counters; made when it is not there
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// PIN of a new key; a key that FILE holds already keeps its own
    #[arg(long)]
    pin: Option<String>,
    /// Behave as keys before CTAP 2.1: PIN protocol one only, no permissions
    #[arg(long)]
    old: bool,
    /// Without the hmac-secret extension
    #[arg(long)]
    no_hmac_secret: bool,
    /// Nobody touches it
    #[arg(long, conflicts_with = "touch_after")]
    untouched: bool,
    /// Somebody touches it after so many milliseconds; at once without this
    #[arg(long, value_name = "MS")]
    touch_after: Option<u64>,
}

impl Arguments {
    fn model(&self) -> Model {
        Model { old: self.old, hmac_secret: !self.no_hmac_secret }
    }

    fn touch(&self) -> Touch {
        match self.touch_after {
            _ if self.untouched => Touch::Never,
            Some(millis) => Touch::After(Duration::from_millis(millis)),
            None => Touch::AtOnce,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut terminated = signal(SignalKind::terminate()).context("waiting for signals")?;
    let key = Key::in_file(arguments.model(), &arguments.state, arguments.pin.as_deref())?;
    let socket = Socket::bind(&arguments.listen)?;
    println!(
        "MOCK security key (not hardware), at {}, kept in {}",
        arguments.listen.display(),
        arguments.state.display()
    );
    tokio::select! {
        () = serve(socket, key, arguments.touch()) => Ok(()),
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted.context("waiting for Ctrl-C"),
    }
}
