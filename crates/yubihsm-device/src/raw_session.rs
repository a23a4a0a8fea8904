//! One session with a device, over messages that may be lost.
//!
//! Source: developers.yubico.com/YubiHSM2/Commands: Create, Authenticate, Session Message, Close
//! Session.

use super::commands::{self, Command};
use super::connector::{Connector, LONGEST_WAIT};
use super::secure_channel::{ChannelError, SHORT, SecureChannel};
use super::{AuthKey, ConnectorAddress, HsmError, Refusal};
use rand_core::{OsRng, RngCore};
use std::time::{Duration, Instant};
use yubihsm::command::Code;
use zeroize::Zeroizing;

const CREATE_SESSION: u8 = Code::CreateSession as u8;
const AUTHENTICATE_SESSION: u8 = Code::AuthenticateSession as u8;
const SESSION_MESSAGE: u8 = Code::SessionMessage as u8;
const ANSWER: u8 = 0x80;
const ERROR: u8 = 0x7f;
/// Message buffer of firmware 2.4 (yubihsm.h, YH_MSG_BUF_SIZE).
const MAX_MESSAGE: usize = 3136;

/// The code of a full log (yubihsm.h of yubihsm-shell 2.8.0).
const LOG_FULL: u8 = 0x0a;

/// Time between two tries of what takes a device a while.
pub(crate) const POLL: Duration = Duration::from_millis(200);
/// A session that nobody closed idles out after 30 s.
const IDLE_OUT: Duration = Duration::from_secs(35);
/// How long it is worth waiting to give a session back early.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// Tries `open` again while all of the device's 16 sessions are taken.
///
/// # Errors
/// Those of `open`.
pub(crate) fn once_a_session_is_free<T>(
    open: impl Fn() -> Result<T, HsmError>,
) -> Result<T, HsmError> {
    let deadline = Instant::now() + IDLE_OUT;
    loop {
        match open() {
            Err(HsmError::Refused { refusal: Refusal::SessionsFull, .. })
                if Instant::now() < deadline =>
            {
                std::thread::sleep(POLL);
            }
            other => return other,
        }
    }
}

/// Why a command has no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The device answered no; the session goes on.
    Refused(HsmError),
    /// The message never left; the session goes on.
    NotSent(HsmError),
    /// The session is of no more use.
    Lost { maybe_done: bool, error: HsmError },
}

impl Fault {
    pub(crate) fn into_error(self) -> HsmError {
        match self {
            Self::Refused(error) | Self::NotSent(error) | Self::Lost { error, .. } => error,
        }
    }

    fn lost(maybe_done: bool, error: HsmError) -> Self {
        Self::Lost { maybe_done, error }
    }
}

/// What is known of the device's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// A message or its answer was lost. If the device has seen the message, it can still be told
    /// to close.
    Unknown,
    Gone,
}

/// An open session; closed on drop, so that it does not occupy one of the device's 16.
pub struct RawSession {
    connector: Connector,
    channel: SecureChannel,
    id: u8,
    state: State,
}

impl RawSession {
    /// Opens a session.
    ///
    /// # Errors
    /// [`HsmError::WrongAuthKey`] if the device has no such key or another one under this id;
    /// [`HsmError::Unreachable`] and [`HsmError::Refused`] as named.
    pub fn open(address: &ConnectorAddress, key_id: u16, key: &AuthKey) -> Result<Self, HsmError> {
        let connector = Connector::new(address);
        let mut host = [0; SHORT];
        OsRng.fill_bytes(&mut host);
        let request = plain(CREATE_SESSION, &[&key_id.to_be_bytes()[..], &host].concat());
        let answer = exchange(&connector, "create session", CREATE_SESSION, &request);
        let answer = answer.map_err(|e| match e {
            HsmError::Refused { refusal: Refusal::ObjectNotFound, .. } => {
                HsmError::WrongAuthKey(key_id)
            }
            other => other,
        })?;
        let [id, rest @ ..] = answer.as_slice() else {
            return Err(HsmError::bad_answer("create session", "empty"));
        };
        let (card, cryptogram) = rest
            .split_at_checked(SHORT)
            .ok_or_else(|| HsmError::bad_answer("create session", "too short"))?;
        let card =
            card.try_into().map_err(|_| HsmError::bad_answer("create session", "too short"))?;
        let channel = SecureChannel::new(key, host, card, cryptogram)
            .map_err(|_| HsmError::WrongAuthKey(key_id))?;
        let mut session = Self { connector, channel, id: *id, state: State::Gone };
        session.authenticate()?;
        Ok(session)
    }

    fn authenticate(&mut self) -> Result<(), HsmError> {
        let cryptogram = self.channel.host_cryptogram();
        let message = self.channel.frame(AUTHENTICATE_SESSION, self.id, &cryptogram);
        self.channel.authenticated();
        // Should the answer be lost, the session is most likely open.
        self.state = State::Unknown;
        let answer =
            exchange(&self.connector, "authenticate session", AUTHENTICATE_SESSION, &message);
        self.state = match &answer {
            Ok(_) => State::Open,
            Err(HsmError::Refused { .. } | HsmError::LogFull) => State::Gone,
            Err(_) => State::Unknown,
        };
        answer.map(|_| ())
    }

    /// Runs one command and returns the data of its answer.
    ///
    /// # Errors
    /// [`Fault`], which says whether the session goes on and whether the device may have carried
    /// the command out.
    pub(crate) fn command(&mut self, command: &Command) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.command_within(command, LONGEST_WAIT)
    }

    fn command_within(
        &mut self,
        command: &Command,
        limit: Duration,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if self.state != State::Open {
            return Err(Fault::lost(false, HsmError::SessionLost));
        }
        let inner = Zeroizing::new(plain(command.code, &command.data));
        let outer = self.outer(command.name, &inner, limit)?;
        let answer = match self.channel.decrypt(&outer) {
            Ok(answer) => answer,
            Err(error) => {
                if error != ChannelError::BadPadding {
                    self.channel.answer_lost();
                }
                self.state = State::Unknown;
                return Err(Fault::lost(
                    true,
                    HsmError::bad_answer(command.name, unreadable(error)),
                ));
            }
        };
        unframe(command.name, command.code, &answer).map(Zeroizing::new).map_err(
            |error| match error {
                error @ (HsmError::Refused { .. } | HsmError::LogFull) => Fault::Refused(error),
                error => Fault::lost(true, error),
            },
        )
    }

    /// Sends a sealed message and returns the sealed answer, which is this session's.
    fn outer(
        &mut self,
        name: &'static str,
        inner: &[u8],
        limit: Duration,
    ) -> Result<Vec<u8>, Fault> {
        let before = self.channel.chaining();
        let sealed = self.channel.encrypt(inner);
        let message = self.channel.frame(SESSION_MESSAGE, self.id, &sealed);
        if message.len() > MAX_MESSAGE {
            self.channel.unsend(before);
            return Err(Fault::NotSent(HsmError::bad_answer(
                name,
                "the command is too long for the device",
            )));
        }
        let outer = match self.connector.post(&message, limit) {
            Ok(outer) => outer,
            Err(unanswered) if unanswered.maybe_sent => {
                return Err(self.unanswered(unanswered.error));
            }
            Err(unanswered) => {
                self.channel.unsend(before);
                return Err(Fault::NotSent(unanswered.error));
            }
        };
        match outer.as_slice() {
            [ERROR, _, _, code] => {
                // With a session that it does not know, or a MAC that does not fit, it has done
                // nothing.
                let did_nothing = matches!(
                    Refusal::of(*code),
                    Refusal::InvalidSession | Refusal::AuthenticationFailed
                );
                self.state = State::Gone;
                Err(Fault::lost(!did_nothing, HsmError::SessionLost))
            }
            [code, _, _, id, ..] if [*code, *id] == [SESSION_MESSAGE | ANSWER, self.id] => {
                Ok(outer)
            }
            _ => Err(self.unanswered(HsmError::bad_answer(name, "not this session's answer"))),
        }
    }

    fn unanswered(&mut self, error: HsmError) -> Fault {
        self.channel.answer_lost();
        self.state = State::Unknown;
        Fault::lost(true, error)
    }
}

impl Drop for RawSession {
    fn drop(&mut self) {
        if self.state != State::Gone {
            self.state = State::Open;
            // At worst the session idles out.
            let _ = self.command_within(&commands::close_session(), CLOSE_WAIT);
        }
    }
}

fn plain(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("commands are built here and short");
    [&[code][..], &length.to_be_bytes(), data].concat()
}

fn exchange(
    connector: &Connector,
    name: &'static str,
    code: u8,
    message: &[u8],
) -> Result<Vec<u8>, HsmError> {
    let answer = connector.post(message, LONGEST_WAIT).map_err(|unanswered| unanswered.error)?;
    unframe(name, code, &answer)
}

/// Data of `code|0x80 || length || data`, or the device's error.
fn unframe(name: &'static str, code: u8, message: &[u8]) -> Result<Vec<u8>, HsmError> {
    let [got, high, low, data @ ..] = message else {
        return Err(HsmError::bad_answer(name, "shorter than its head"));
    };
    if usize::from(u16::from_be_bytes([*high, *low])) != data.len() {
        return Err(HsmError::bad_answer(name, "its length does not fit"));
    }
    match (*got, data) {
        (got, data) if got == code | ANSWER => Ok(data.to_vec()),
        (ERROR, [LOG_FULL]) => Err(HsmError::LogFull),
        (ERROR, [error]) => Err(HsmError::Refused { command: name, refusal: Refusal::of(*error) }),
        _ => Err(HsmError::bad_answer(name, "the answer belongs to another command")),
    }
}

fn unreadable(error: ChannelError) -> &'static str {
    match error {
        ChannelError::BadPadding => "bad padding",
        _ => "the device's MAC does not fit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_must_be_whole_and_to_this_command() {
        assert_eq!(unframe("x", 0x4d, &[0xcd, 0, 2, 7, 8]).unwrap(), [7, 8]);
        assert!(matches!(unframe("x", 0x4d, &[0x7f, 0, 1, 0x0a]), Err(HsmError::LogFull)));
        let refused = unframe("x", 0x4d, &[0x7f, 0, 1, 0x09]);
        assert!(matches!(
            refused,
            Err(HsmError::Refused { refusal: Refusal::InsufficientPermissions, .. })
        ));
        for bad in [&[0xcd, 0, 3, 7, 8][..], &[0xcd, 0, 1, 7, 8], &[0xce, 0, 0], &[0xcd, 0], &[]] {
            assert!(matches!(unframe("x", 0x4d, bad), Err(HsmError::BadAnswer { .. })), "{bad:?}");
        }
    }
}
