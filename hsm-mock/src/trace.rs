//! One line for each command, by name and without its data.

use std::time::Duration;

use crate::algorithm;
use crate::audit_log::NO_OBJECT;
use crate::device::Record;

/// The target of these lines, for `RUST_LOG`.
pub(crate) const TARGET: &str = "hsm_mock::command";

/// Logs what a message made the device do.
pub(crate) fn command(serial: u32, record: &Record, took: Duration) {
    if tracing::enabled!(target: TARGET, tracing::Level::INFO) {
        tracing::info!(target: TARGET, "MOCK {serial} {} {took:.1?}", line(record));
    }
}

/// `session 0 key 0x0001: SIGN ECDSA 34 bytes, target 0x0101 ecp256 -> 71 bytes`
fn line(record: &Record) -> String {
    let mut line = match record.session {
        Some((session, key)) => format!("session {session} key 0x{key:04x}: "),
        None => "no session: ".to_owned(),
    };
    match record.command {
        Some(command) => line.push_str(command.name()),
        None => line.push_str(&format!("command 0x{:02x}", record.code)),
    }
    line.push_str(&format!(" {} bytes", record.length));
    for (name, id) in [("target", record.trace.target), ("second", record.trace.second)] {
        if id != NO_OBJECT {
            line.push_str(&format!(", {name} 0x{id:04x}"));
        }
    }
    if let Some(name) = algorithm::name(record.trace.algorithm) {
        line.push_str(&format!(" {name}"));
    }
    match record.result {
        Ok(length) => line.push_str(&format!(" -> {length} bytes")),
        Err(error) => line.push_str(&format!(" -> {} 0x{:02x}", error.name(), error.code())),
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Command, Trace};
    use crate::device_error::DeviceError;

    #[test]
    fn a_command_is_named_with_what_it_touched_and_how_it_ended() {
        let trace = Trace { target: 0x0101, algorithm: algorithm::EC_P256, ..Trace::default() };
        let record = Record {
            session: Some((3, 0x0201)),
            code: 0x56,
            command: Some(Command::SignEcdsa),
            length: 34,
            trace,
            result: Ok(71),
        };
        let expected =
            "session 3 key 0x0201: SIGN ECDSA 34 bytes, target 0x0101 ecp256 -> 71 bytes";
        assert_eq!(line(&record), expected);
        let unknown = Record {
            session: None,
            code: 0xee,
            command: None,
            length: 0,
            trace: Trace::default(),
            result: Err(DeviceError::InvalidCommand),
        };
        let expected = "no session: command 0xee 0 bytes -> INVALID COMMAND 0x01";
        assert_eq!(line(&unknown), expected);
    }
}
