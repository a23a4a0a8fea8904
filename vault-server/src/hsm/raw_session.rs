//! A session of our own, for the commands whose answers the `yubihsm` crate cannot carry whole.
//!
//! Source: developers.yubico.com/YubiHSM2/Commands: Create, Authenticate, Session Message, Close Session.

use super::secure_channel::{ChannelError, SHORT, SecureChannel};
use super::{AuthKey, ConnectorAddress, HsmError};
use rand_core::{OsRng, RngCore};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const CREATE_SESSION: u8 = 0x03;
const AUTHENTICATE_SESSION: u8 = 0x04;
const SESSION_MESSAGE: u8 = 0x05;
const CLOSE_SESSION: u8 = 0x40;
const ANSWER: u8 = 0x80;
const ERROR: u8 = 0x7f;
/// Message buffer of firmware 2.4 (yubihsm.h, YH_MSG_BUF_SIZE).
const MAX_MESSAGE: usize = 3136;

/// Device error codes that a caller acts on (yubihsm.h, yh_rc).
pub const SESSIONS_FULL: u8 = 0x05;
pub const LOG_FULL: u8 = 0x0a;
pub const OBJECT_NOT_FOUND: u8 = 0x0b;
/// How the `yubihsm` crate and this module word it.
pub const OBJECT_MISSING: &str = "object not found";

/// Time between two tries of what takes a device a while.
pub const POLL: Duration = Duration::from_millis(200);
/// A session that nobody closed idles out after 30 s; the `yubihsm` crate closes none.
const IDLE_OUT: Duration = Duration::from_secs(35);

/// Tries `open` again while all of the device's 16 sessions are taken.
///
/// # Errors
/// Those of `open`.
pub fn once_a_session_is_free<T>(open: impl Fn() -> Result<T, HsmError>) -> Result<T, HsmError> {
    let deadline = Instant::now() + IDLE_OUT;
    loop {
        match open() {
            Err(HsmError::Refused { reason, .. }) if reason.contains("sessions") && Instant::now() < deadline => {
                std::thread::sleep(POLL);
            }
            other => return other,
        }
    }
}

/// An open session; closed on drop, so that it does not occupy one of the device's 16.
pub struct RawSession {
    address: ConnectorAddress,
    channel: SecureChannel,
    id: u8,
    usable: bool,
}

impl RawSession {
    /// Opens a session.
    ///
    /// # Errors
    /// [`HsmError::WrongAuthKey`] if the device has no such key or another one under this id;
    /// [`HsmError::Unreachable`] and [`HsmError::Refused`] as named.
    pub fn open(address: &ConnectorAddress, key_id: u16, key: &AuthKey) -> Result<Self, HsmError> {
        let mut host = [0; SHORT];
        OsRng.fill_bytes(&mut host);
        let mut data = key_id.to_be_bytes().to_vec();
        data.extend_from_slice(&host);
        let answer = exchange(address, "create session", CREATE_SESSION, &plain(CREATE_SESSION, &data));
        let answer = answer.map_err(|e| match e {
            HsmError::Refused { reason, .. } if reason == OBJECT_MISSING => HsmError::WrongAuthKey(key_id),
            other => other,
        })?;
        let [id, rest @ ..] = answer.as_slice() else { return Err(malformed("create session", "empty")) };
        let (card, cryptogram) =
            rest.split_at_checked(SHORT).ok_or_else(|| malformed("create session", "too short"))?;
        let card = card.try_into().map_err(|_| malformed("create session", "too short"))?;
        let channel = SecureChannel::new(key, host, card, cryptogram).map_err(|_| HsmError::WrongAuthKey(key_id))?;
        let mut session = Self { address: address.clone(), channel, id: *id, usable: false };
        session.authenticate()?;
        Ok(session)
    }

    fn authenticate(&mut self) -> Result<(), HsmError> {
        let cryptogram = self.channel.host_cryptogram();
        let message = self.channel.frame(AUTHENTICATE_SESSION, self.id, &cryptogram);
        exchange(&self.address, "authenticate session", AUTHENTICATE_SESSION, &message)?;
        self.channel.authenticated();
        self.usable = true;
        Ok(())
    }

    /// Runs one command and returns the data of its answer.
    ///
    /// # Errors
    /// [`HsmError::Refused`] and [`HsmError::LogFull`] leave the session usable; after any other error it is not.
    pub fn command(&mut self, name: &'static str, code: u8, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, HsmError> {
        if !self.usable {
            return Err(HsmError::SessionLost);
        }
        self.usable = false;
        let inner = Zeroizing::new(plain(code, data));
        let message = self.channel.encrypt(&inner);
        let message = self.channel.frame(SESSION_MESSAGE, self.id, &message);
        let outer = exchange_whole(&self.address, name, &message)?;
        if outer.first() == Some(&ERROR) {
            return Err(HsmError::SessionLost);
        }
        let expected = [SESSION_MESSAGE | ANSWER, self.id];
        if [outer.first(), outer.get(3)] != [Some(&expected[0]), Some(&expected[1])] {
            return Err(malformed(name, "not this session's answer"));
        }
        let inner = self.channel.decrypt(&outer).map_err(|e| match e {
            ChannelError::BadPadding => malformed(name, "bad padding"),
            _ => malformed(name, "the device's MAC does not fit"),
        })?;
        self.usable = true;
        unframe(name, code, &inner).map(Zeroizing::new)
    }
}

impl Drop for RawSession {
    fn drop(&mut self) {
        if self.usable {
            let _ = self.command("close session", CLOSE_SESSION, &[]);
        }
    }
}

fn plain(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("commands are built here and short");
    let mut message = vec![code];
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(data);
    message
}

fn exchange(address: &ConnectorAddress, name: &'static str, code: u8, message: &[u8]) -> Result<Vec<u8>, HsmError> {
    unframe(name, code, &exchange_whole(address, name, message)?)
}

fn exchange_whole(address: &ConnectorAddress, name: &'static str, message: &[u8]) -> Result<Vec<u8>, HsmError> {
    if message.len() > MAX_MESSAGE {
        return Err(malformed(name, "the command is too long for the device"));
    }
    address.post(message)
}

/// Data of `code|0x80 || length || data`, or the device's error.
fn unframe(name: &'static str, code: u8, message: &[u8]) -> Result<Vec<u8>, HsmError> {
    let [got, high, low, data @ ..] = message else { return Err(malformed(name, "shorter than its head")) };
    if usize::from(u16::from_be_bytes([*high, *low])) != data.len() {
        return Err(malformed(name, "its length does not fit"));
    }
    match (*got, data) {
        (got, data) if got == code | ANSWER => Ok(data.to_vec()),
        (ERROR, [LOG_FULL]) => Err(HsmError::LogFull),
        (ERROR, [error]) => Err(HsmError::Refused { command: name, reason: error_name(*error) }),
        _ => Err(malformed(name, "the answer belongs to another command")),
    }
}

fn malformed(command: &'static str, reason: &str) -> HsmError {
    HsmError::BadAnswer { command, reason: reason.into() }
}

/// yh_rc of yubihsm.h 2.8.0, in words.
fn error_name(code: u8) -> String {
    let text = match code {
        0x01 => "invalid command",
        0x02 => "invalid data",
        0x03 => "invalid session",
        0x04 => "authentication failed",
        SESSIONS_FULL => "all 16 sessions are in use",
        0x06 => "session failed",
        0x07 => "storage failed",
        0x08 => "wrong length",
        0x09 => "insufficient permissions",
        OBJECT_NOT_FOUND => OBJECT_MISSING,
        0x0c => "invalid id",
        0x0f => "command not executed",
        0x11 => "object exists already",
        _ => return format!("device error 0x{code:02x}"),
    };
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_must_be_whole_and_to_this_command() {
        assert_eq!(unframe("x", 0x4d, &[0xcd, 0, 2, 7, 8]).unwrap(), [7, 8]);
        assert!(matches!(unframe("x", 0x4d, &[0x7f, 0, 1, 0x0a]), Err(HsmError::LogFull)));
        assert!(matches!(unframe("x", 0x4d, &[0x7f, 0, 1, 0x09]), Err(HsmError::Refused { .. })));
        for bad in [&[0xcd, 0, 3, 7, 8][..], &[0xcd, 0, 1, 7, 8], &[0xce, 0, 0], &[0xcd, 0], &[]] {
            assert!(matches!(unframe("x", 0x4d, bad), Err(HsmError::BadAnswer { .. })), "{bad:?}");
        }
    }
}
