//! `keepsake`: chats in, chats backed up, chats back, from the command line.

mod args;
mod commands;
mod failure;
mod next_step;
mod output;
mod progress;
mod secrets;
mod words;

use args::Arguments;
use clap::Parser;
use output::Output;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return output::usage(&usage),
    };
    let output = Output { json: arguments.json };
    match commands::run(arguments, output).await {
        Ok(code) => code,
        Err(error) => output.error(&error),
    }
}
