//! The device: takes one message, answers with one message, and keeps its log.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::algorithm;
use crate::audit_log::{CAPACITY, Event, NO_OBJECT};
use crate::commands::{self, Answer, Call, Command, Trace};
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::frame;
use crate::input::Input;
use crate::objects::{Object, ObjectType};
use crate::rng::DeviceRng;
use crate::sessions::{Caller, Sessions};
use crate::state::State;

/// Ticks of the device's clock, measured on firmware 2.4.0.
const TICKS_PER_SECOND: u128 = 41;

/// A powered device: what is stored, and what is not.
pub(crate) struct Device {
    pub state: State,
    pub firmware: Firmware,
    rng: DeviceRng,
    sessions: Sessions,
    /// Commands until one fails, and how.
    planned_failure: Option<(u32, DeviceError)>,
}

/// A response, and what was done for it.
pub(crate) struct Reply {
    pub message: Zeroizing<Vec<u8>>,
    pub record: Record,
}

/// What one message made the device do, without any of its data: for traces and for the time it
/// takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The session and its authentication key, of a command inside one.
    pub session: Option<(u8, u16)>,
    /// As received, known or not.
    pub code: u8,
    pub command: Option<Command>,
    /// Bytes of the command's data.
    pub length: usize,
    pub trace: Trace,
    pub result: Result<usize, DeviceError>,
}

impl Record {
    fn of(code: u8) -> Self {
        let result = Err(DeviceError::InvalidCommand);
        Self { session: None, code, command: None, length: 0, trace: Trace::default(), result }
    }
}

impl Device {
    /// Applies power: the boot is logged, and there are no sessions.
    pub(crate) fn power_on(mut state: State, firmware: Firmware, rng: DeviceRng) -> Self {
        state.log.record_boot(state.options.is_forced());
        state.starts += 1;
        state.firmware = firmware;
        state.identity_changed = true;
        Self { state, firmware, rng, sessions: Sessions::default(), planned_failure: None }
    }

    /// Sessions that have not expired.
    pub(crate) fn open_sessions(&mut self, now: Duration) -> usize {
        self.sessions.count(now)
    }

    /// Forgets every session, as a fault in the device does.
    pub(crate) fn lose_sessions(&mut self) {
        self.sessions.close_all();
    }

    /// Lets the command after `others` fail with `error`, without being carried out.
    pub(crate) fn plan_failure(&mut self, others: u32, error: DeviceError) {
        self.planned_failure = Some((others, error));
    }

    /// Fills the log store.
    pub(crate) fn fill_log(&mut self) {
        let event = Event {
            command: Command::Echo as u8,
            length: 0,
            session_key: NO_OBJECT,
            target: NO_OBJECT,
            second: NO_OBJECT,
            result: Command::Echo as u8 | frame::RESPONSE,
            tick: 0,
        };
        while self.state.log.used() < CAPACITY {
            self.state.log.append(&event);
        }
    }

    /// Fills the object store with opaque objects of domain 16.
    pub(crate) fn fill_storage(&mut self) {
        while self.state.objects.insert(Object::filler(), &mut self.rng).is_ok() {}
    }

    /// Factory reset, as by holding the device's button at power-on.
    pub(crate) fn reset(&mut self) {
        self.state.reset(&mut self.rng);
        self.reboot();
    }

    /// Carries out one message. `now` is the time since power-on.
    pub(crate) fn process(&mut self, message: &[u8], now: Duration) -> Reply {
        let code = message.first().copied().unwrap_or_default();
        let mut record = Record::of(code);
        let answer = self.dispatch(message, now, &mut record);
        if record.session.is_none() {
            record.result = answer.as_ref().map(|data| data.len()).map_err(|error| *error);
        }
        Reply { message: frame::response(code, &answer), record }
    }

    fn dispatch(&mut self, message: &[u8], now: Duration, record: &mut Record) -> Answer {
        if message.len() > self.firmware.message_buffer() {
            return Err(DeviceError::WrongLength);
        }
        let request = frame::parse(message)?;
        let command = Command::from_code(request.code, self.firmware);
        let command = command.filter(|c| c.is_plain()).ok_or(DeviceError::InvalidCommand)?;
        record.command = Some(command);
        record.length = request.data.len();
        if command == Command::SessionMessage {
            return self.session_message(request.data, now, record);
        }
        let (answer, trace) = self.logged(command, request.data, None, now, |device, trace| {
            device.plain(command, request.data, now, trace)
        });
        record.trace = trace;
        answer
    }

    /// A command outside a session.
    fn plain(&mut self, command: Command, data: &[u8], now: Duration, trace: &mut Trace) -> Answer {
        match command {
            Command::Echo => commands::echo::run(data),
            Command::DeviceInfo => commands::device_info::run(&self.state, self.firmware, data),
            Command::GetDevicePublicKey => commands::get_device_public_key::run(&self.state, data),
            Command::CreateSession => self.create_session(data, now, trace),
            Command::AuthenticateSession => self.authenticate_session(data, now, trace),
            _ => Err(DeviceError::InvalidCommand),
        }
    }

    /// Data: authentication key id (2), and a challenge (8). Answer: session id, card challenge
    /// (8), cryptogram (8). For a P-256 key: the host's ephemeral key (65) instead of the
    /// challenge. Answer: session id, the device's ephemeral key (65), receipt (16).
    fn create_session(&mut self, data: &[u8], now: Duration, trace: &mut Trace) -> Answer {
        let mut input = Input::new(data);
        let id = input.u16()?;
        trace.target = id;
        let key = self.state.objects.get(ObjectType::AuthenticationKey, id)?;
        trace.algorithm = key.algorithm;
        if key.algorithm == algorithm::EC_P256_YUBICO_AUTHENTICATION {
            let host = input.rest();
            let device = self.state.device_key.expose();
            let device = &device[..32];
            let (session, agreed) = self.sessions.agree(key, host, device, now, &mut self.rng)?;
            return Ok(Zeroizing::new([&[session], &agreed.public[..], &agreed.receipt].concat()));
        }
        let host = input.array()?;
        input.finish()?;
        let (session, card, opened) = self.sessions.open(key, host, now, &mut self.rng)?;
        let cryptogram = opened.channel.card_cryptogram();
        Ok(Zeroizing::new([&[session], card.as_slice(), &cryptogram].concat()))
    }

    /// Data: session id, host cryptogram (8), MAC (8). A wrong one ends the session.
    fn authenticate_session(&mut self, data: &[u8], now: Duration, trace: &mut Trace) -> Answer {
        let id = Input::new(data).u8()?;
        let session = self.sessions.use_session(id, now)?;
        trace.target = session.caller.key;
        if session.authenticated {
            return Err(DeviceError::InvalidSession);
        }
        let verified = session.channel.authenticate(Command::AuthenticateSession as u8, data);
        session.authenticated = verified.is_ok();
        if verified.is_err() {
            self.sessions.close(id);
        }
        verified.map(|()| Zeroizing::default())
    }

    /// Data: session id, encrypted command, MAC (8). A wrong MAC ends the session, as SCP03
    /// demands.
    fn session_message(&mut self, data: &[u8], now: Duration, record: &mut Record) -> Answer {
        let id = Input::new(data).u8()?;
        let session = self.sessions.use_session(id, now)?;
        if !session.authenticated {
            return Err(DeviceError::InvalidSession);
        }
        let caller = session.caller;
        let opened = session.channel.open(Command::SessionMessage as u8, data);
        let inner = match opened {
            Ok(inner) => inner,
            Err(error) => {
                self.sessions.close(id);
                return Err(error);
            }
        };
        record.session = Some((id, caller.key));
        let (carrier, _) =
            self.logged(Command::SessionMessage, data, Some(caller), now, |device, _| {
                Ok(device.in_session(&inner, caller, now, record))
            });
        let carrier = match carrier {
            Ok(carrier) => carrier,
            Err(error) => {
                record.result = Err(error);
                return Err(error);
            }
        };
        let channel = &mut self.sessions.use_session(id, now)?.channel;
        let sealed = channel.seal(Command::SessionMessage as u8, &carrier);
        if record.result.is_ok() {
            self.after(record.command, id);
        }
        Ok(Zeroizing::new(sealed))
    }

    /// Carries out a decrypted command; answers with a framed response, also to bytes that are no
    /// command.
    fn in_session(
        &mut self,
        message: &[u8],
        caller: Caller,
        now: Duration,
        record: &mut Record,
    ) -> Zeroizing<Vec<u8>> {
        let code = message.first().copied().unwrap_or_default();
        record.code = code;
        record.command = None;
        let answer = frame::parse(message).and_then(|request| {
            let command = Command::from_code(request.code, self.firmware);
            let command = command.ok_or(DeviceError::InvalidCommand)?;
            record.command = Some(command);
            record.length = request.data.len();
            let (answer, trace) =
                self.logged(command, request.data, Some(caller), now, |device, trace| {
                    device.run(command, request.data, caller, trace)
                });
            record.trace = trace;
            answer
        });
        record.result = answer.as_ref().map(|data| data.len()).map_err(|error| *error);
        frame::response(code, &answer)
    }

    fn run(&mut self, command: Command, data: &[u8], caller: Caller, trace: &mut Trace) -> Answer {
        let firmware = self.firmware;
        let (state, rng) = (&mut self.state, &mut self.rng);
        let mut call = Call { state, rng, firmware, caller, trace };
        let answer = commands::run(command, &mut call, data)?;
        let fits = answer.len() <= frame::largest_session_data(firmware);
        if fits { Ok(answer) } else { Err(DeviceError::WrongLength) }
    }

    /// What a successful command does to the session it came in, once its response is sealed.
    fn after(&mut self, command: Option<Command>, session: u8) {
        match command {
            Some(Command::CloseSession) => self.sessions.close(session),
            Some(Command::ResetDevice) => self.reset(),
            _ => {}
        }
    }

    fn reboot(&mut self) {
        self.sessions.close_all();
        self.state.log.record_boot(self.state.options.is_forced());
    }

    /// Runs `action` and logs it if its command is audited. With force audit and a full log an
    /// audited command is refused, except those that open a session or empty the log.
    fn logged(
        &mut self,
        command: Command,
        data: &[u8],
        caller: Option<Caller>,
        now: Duration,
        action: impl FnOnce(&mut Self, &mut Trace) -> Answer,
    ) -> (Answer, Trace) {
        let code = command as u8;
        let mut trace = Trace::default();
        let full = self.state.options.is_forced() && self.state.log.is_full();
        let no_room = full && self.state.options.audits(code);
        if no_room && !command.runs_without_log() {
            return (Err(DeviceError::LogFull), trace);
        }
        let planned = (command != Command::SessionMessage).then(|| self.take_failure()).flatten();
        let answer = match planned {
            Some(error) => Err(error),
            None => action(self, &mut trace),
        };
        if self.state.options.audits(code) {
            let event = Event {
                command: code,
                // Data is bounded by the message buffer (3,136 bytes).
                length: u16::try_from(data.len()).unwrap_or(u16::MAX),
                session_key: caller.map_or(NO_OBJECT, |caller| caller.key),
                target: trace.target,
                second: trace.second,
                result: answer
                    .as_ref()
                    .map_or_else(|error| error.code(), |_| code | frame::RESPONSE),
                tick: ticks(now),
            };
            self.log(command, &event);
        }
        (answer, trace)
    }

    fn take_failure(&mut self) -> Option<DeviceError> {
        let (others, error) = self.planned_failure?;
        self.planned_failure = others.checked_sub(1).map(|others| (others, error));
        (others == 0).then_some(error)
    }

    fn log(&mut self, command: Command, event: &Event) {
        if !(self.state.options.is_forced() && self.state.log.is_full()) {
            self.state.log.append(event);
        } else if command.opens_session() {
            self.state.log.count_unlogged_authentication();
        }
    }
}

fn ticks(now: Duration) -> u32 {
    // The counter of the device wraps as well.
    (now.as_millis() * TICKS_PER_SECOND / 1000) as u32
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
