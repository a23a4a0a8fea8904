//! Sending one action to a control port.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, bail};
use hsm_mock::Action;

use super::address;
use super::arguments::ControlArguments;

/// An action only plans or flips something.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Does what the arguments say, and prints the answer.
pub(super) fn send(arguments: &ControlArguments) -> anyhow::Result<()> {
    let action = arguments.action.join(" ");
    // Refused here, before anything is sent: the message then is this version's.
    action.parse::<Action>().map_err(anyhow::Error::msg)?;
    let serial = match arguments.serial {
        Some(serial) => serial.to_string(),
        None => only_device(&arguments.at)?,
    };
    let request = format!(
        "POST /devices/{serial} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{action}",
        action.len()
    );
    print!("{}", exchange(&arguments.at, &request)?);
    Ok(())
}

fn only_device(at: &str) -> anyhow::Result<String> {
    let serials = exchange(at, "GET /devices HTTP/1.0\r\n\r\n")?;
    match serials.lines().collect::<Vec<_>>()[..] {
        [only] => Ok(only.to_owned()),
        _ => bail!("there are several devices; name one with --serial: {}", serials.trim()),
    }
}

/// The body of the answer, if it is a good one.
fn exchange(at: &str, request: &str) -> anyhow::Result<String> {
    let (host, port) = address::parse(at)?;
    let addresses = address::resolve(&host, port)?;
    let context =
        || format!("asking the control port at {at}; was hsm-mock started with --control?");
    let mut stream = TcpStream::connect(&addresses[..]).with_context(context)?;
    stream.set_read_timeout(Some(TIMEOUT)).with_context(context)?;
    stream.write_all(request.as_bytes()).with_context(context)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(context)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("{}", if body.is_empty() { head } else { body.trim() });
    }
    Ok(body.to_owned())
}
