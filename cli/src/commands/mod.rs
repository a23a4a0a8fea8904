//! One file per group of commands.

mod archive;
mod background;
mod backup;
mod chats;
mod fleet;
mod key_change;
mod passkey;
mod people;
mod source;
mod status;
mod vault;

use crate::args::{Arguments, Background, Command};
use crate::failure::Result;
use crate::output::Output;
use app::Keepsake;
use std::process::ExitCode;

/// Opens the home and runs the command.
pub(crate) async fn run(arguments: Arguments, output: Output) -> Result<ExitCode> {
    if let Command::Backup(crate::args::Backup::Decrypt { place, key, out }) = arguments.command {
        return backup::decrypt(place, key, out, output).await;
    }
    let dir = arguments.home.map_or_else(Keepsake::default_home, Ok)?;
    if let Command::Background(Background::Run { .. }) = arguments.command
        && !Keepsake::is_in(&dir)
    {
        return Ok(background::no_home(output));
    }
    let keepsake = Keepsake::open(&dir)?;
    if let Some(warning) = keepsake.device_key_warning() {
        eprintln!("warning: {warning}");
    }
    match arguments.command {
        Command::Source(command) => source::run(&keepsake, command, output).await?,
        Command::Chats(command) => return chats::run(&keepsake, command, output).await,
        Command::People(command) => people::run(&keepsake, command, output).await?,
        Command::Archive(command) => return archive::run(&keepsake, command, output).await,
        Command::Status => status::run(&keepsake, output).await?,
        Command::Diagnostics => {
            let text = app::diagnostics(&keepsake).await?;
            output.result(&text, Clone::clone);
        }
        Command::Vault(command) => vault::run(&keepsake, command, output).await?,
        Command::Passkey(command) => passkey::run(&keepsake, command, output).await?,
        Command::Background(command) => return background::run(&keepsake, command, output).await,
        Command::Backup(command) => return backup::run(&keepsake, command, output).await,
        Command::Fleet(command) => return fleet::run(&keepsake, command, output).await,
    }
    Ok(ExitCode::SUCCESS)
}
