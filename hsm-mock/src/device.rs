//! The device: takes one message, answers with one message, and keeps its log.

use std::sync::LazyLock;
use std::time::Duration;

use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::algorithm;
use crate::audit_log::{Event, NO_OBJECT};
use crate::capability::Capabilities;
use crate::commands::{self, Call, Command};
use crate::device_error::DeviceError;
use crate::firmware::Firmware;
use crate::frame;
use crate::input::Input;
use crate::objects::{Label, Object, ObjectType, Origin};
use crate::secret::Secret;
use crate::sessions::{Caller, Sessions};
use crate::state::State;

/// Ticks of the device's clock, measured on firmware 2.4.0.
const TICKS_PER_SECOND: u128 = 41;
/// Password, salt and iterations that the factory key is derived with.
const FACTORY_PASSWORD: &[u8] = b"password";
const FACTORY_SALT: &[u8] = b"Yubico";
const FACTORY_ITERATIONS: u32 = 10_000;

type Answer = Result<Zeroizing<Vec<u8>>, DeviceError>;

/// A powered device: what is stored, and what is not.
pub struct Device {
    pub state: State,
    pub firmware: Firmware,
    sessions: Sessions,
}

/// A response, and which command it took the device's time for.
pub struct Reply {
    pub message: Zeroizing<Vec<u8>>,
    pub command: Option<Command>,
}

/// The objects a command named, for the log.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    pub target: u16,
    pub second: u16,
}

impl Default for Trace {
    fn default() -> Self {
        Self { target: NO_OBJECT, second: NO_OBJECT }
    }
}

impl Device {
    /// Applies power: the boot is logged, and there are no sessions.
    pub fn power_on(mut state: State, firmware: Firmware) -> Self {
        state.log.record_boot(state.options.is_forced());
        Self { state, firmware, sessions: Sessions::default() }
    }

    /// Sessions that have not expired.
    pub fn open_sessions(&mut self, now: Duration) -> usize {
        self.sessions.count(now)
    }

    /// Carries out one message. `now` is the time since power-on.
    pub fn process(&mut self, message: &[u8], now: Duration) -> Reply {
        let mut command = None;
        let code = message.first().copied().unwrap_or_default();
        let answer = self.dispatch(message, now, &mut command);
        Reply { message: frame::response(code, &answer), command }
    }

    fn dispatch(&mut self, message: &[u8], now: Duration, timed: &mut Option<Command>) -> Answer {
        if message.len() > self.firmware.message_buffer() {
            return Err(DeviceError::WrongLength);
        }
        let request = frame::parse(message)?;
        let command = Command::from_code(request.code).ok_or(DeviceError::InvalidCommand)?;
        *timed = Some(command);
        match command {
            Command::Echo => self
                .logged(command, request.data, None, now, |_, _| commands::echo::run(request.data)),
            Command::DeviceInfo => self.logged(command, request.data, None, now, |device, _| {
                commands::device_info::run(&device.state, device.firmware, request.data)
            }),
            Command::CreateSession => {
                self.logged(command, request.data, None, now, |device, trace| {
                    device.create_session(request.data, now, trace)
                })
            }
            Command::AuthenticateSession => {
                self.logged(command, request.data, None, now, |device, trace| {
                    device.authenticate_session(request.data, now, trace)
                })
            }
            Command::SessionMessage => self.session_message(request.data, now, timed),
            _ => Err(DeviceError::InvalidCommand),
        }
    }

    /// Data: authentication key id (2), host challenge (8). Answer: session id, card challenge (8), cryptogram (8).
    fn create_session(&mut self, data: &[u8], now: Duration, trace: &mut Trace) -> Answer {
        let mut input = Input::new(data);
        let id = input.u16()?;
        trace.target = id;
        let host = input.array()?;
        input.finish()?;
        let key = self.state.objects.get(ObjectType::AuthenticationKey, id)?;
        let (session, card, opened) = self.sessions.open(key, host, now)?;
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

    /// Data: session id, encrypted command, MAC (8). A wrong MAC ends the session, as SCP03 demands.
    fn session_message(
        &mut self,
        data: &[u8],
        now: Duration,
        timed: &mut Option<Command>,
    ) -> Answer {
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
        let carrier =
            self.logged(Command::SessionMessage, data, Some(caller), now, |device, _| {
                Ok(device.in_session(&inner, caller, now, timed))
            })?;
        let sealed = self
            .sessions
            .use_session(id, now)?
            .channel
            .seal(Command::SessionMessage as u8, &carrier);
        self.after(*timed, &carrier, id);
        Ok(Zeroizing::new(sealed))
    }

    /// Carries out a decrypted command; answers with a framed response, also to bytes that are no command.
    fn in_session(
        &mut self,
        message: &[u8],
        caller: Caller,
        now: Duration,
        timed: &mut Option<Command>,
    ) -> Zeroizing<Vec<u8>> {
        let code = message.first().copied().unwrap_or_default();
        *timed = None;
        let answer = frame::parse(message).and_then(|request| {
            let command = Command::from_code(request.code).ok_or(DeviceError::InvalidCommand)?;
            *timed = Some(command);
            self.logged(command, request.data, Some(caller), now, |device, trace| {
                let firmware = device.firmware;
                let mut call = Call { state: &mut device.state, firmware, caller, trace };
                let answer = commands::run(command, &mut call, request.data)?;
                let fits = answer.len() <= frame::largest_session_data(firmware);
                if fits { Ok(answer) } else { Err(DeviceError::WrongLength) }
            })
        });
        frame::response(code, &answer)
    }

    /// What a successful command does to the session it came in, once its response is sealed.
    fn after(&mut self, command: Option<Command>, response: &[u8], session: u8) {
        if response.first() == Some(&frame::ERROR) {
            return;
        }
        match command {
            Some(Command::CloseSession) => self.sessions.close(session),
            Some(Command::ResetDevice) => {
                self.state.reset(self.firmware);
                self.reboot();
            }
            _ => {}
        }
    }

    fn reboot(&mut self) {
        self.sessions.close_all();
        self.state.log.record_boot(self.state.options.is_forced());
    }

    /// Runs `action` and logs it if its command is audited. With force audit and a full log an audited command is
    /// refused, except those that open a session or empty the log.
    fn logged(
        &mut self,
        command: Command,
        data: &[u8],
        caller: Option<Caller>,
        now: Duration,
        action: impl FnOnce(&mut Self, &mut Trace) -> Answer,
    ) -> Answer {
        let code = command as u8;
        let no_room = self.state.options.audits(code)
            && self.state.options.is_forced()
            && self.state.log.is_full();
        if no_room && !command.runs_without_log() {
            return Err(DeviceError::LogFull);
        }
        let mut trace = Trace::default();
        let answer = action(self, &mut trace);
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
        answer
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

/// The key every device leaves the factory with: id 1, all capabilities, password "password".
pub fn factory_authentication_key() -> Object {
    static KEYS: LazyLock<Zeroizing<[u8; 32]>> = LazyLock::new(|| {
        let mut keys = Zeroizing::new([0; 32]);
        pbkdf2_hmac::<Sha256>(FACTORY_PASSWORD, FACTORY_SALT, FACTORY_ITERATIONS, &mut *keys);
        keys
    });
    Object {
        id: 1,
        kind: ObjectType::AuthenticationKey,
        algorithm: algorithm::AES128_YUBICO_AUTHENTICATION,
        label: Label::from_text("DEFAULT AUTHKEY CHANGE THIS ASAP"),
        domains: 0xffff,
        capabilities: Capabilities::ALL,
        delegated: Capabilities::ALL,
        sequence: 0,
        origin: Origin::IMPORTED,
        secret: Secret::new(KEYS.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The default keys published in `yubihsm.h`.
    #[test]
    fn the_factory_key_is_derived_from_password() {
        let key = factory_authentication_key();
        let expected = "090b47dbed595654901dee1cc655e420592fd483f759e29909a04c4505d2ce0a";
        assert_eq!(hex::encode(key.secret.expose()), expected);
    }

    fn device() -> Device {
        static STATE: LazyLock<State> = LazyLock::new(|| State::new(7, Firmware::V2_4_0).unwrap());
        Device::power_on(STATE.clone(), Firmware::V2_4_0)
    }

    fn everything() -> Caller {
        Caller {
            key: 1,
            domains: 0xffff,
            capabilities: Capabilities::ALL,
            delegated: Capabilities::ALL,
        }
    }

    proptest! {
        #[test]
        fn any_bytes_get_a_framed_answer(message in proptest::collection::vec(any::<u8>(), 0..200)) {
            let reply = device().process(&message, Duration::ZERO).message;
            prop_assert!(frame::parse(&reply).is_ok());
        }

        #[test]
        fn any_data_of_any_plain_command_gets_a_framed_answer(
            code in 0u8..8,
            data in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let reply = device().process(&frame::encode(code, &data), Duration::ZERO).message;
            prop_assert!(frame::parse(&reply).is_ok());
        }

        #[test]
        fn any_data_of_any_session_command_gets_a_framed_answer(
            code in any::<u8>(),
            id in prop_oneof![Just(0u16), Just(1), Just(2), any::<u16>()],
            data in proptest::collection::vec(any::<u8>(), 0..160),
        ) {
            let data = [id.to_be_bytes().as_slice(), &data].concat();
            let mut device = device();
            let reply = device.in_session(&frame::encode(code, &data), everything(), Duration::ZERO, &mut None);
            prop_assert!(frame::parse(&reply).is_ok());
            prop_assert_eq!(device.state.log.broken_at(), None);
        }
    }
}
