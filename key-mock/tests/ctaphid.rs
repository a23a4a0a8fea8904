//! The key at its socket, spoken to in reports that the crate passkey-transports cuts and joins.

#![allow(clippy::unwrap_used)]
#![cfg(unix)]

use key_mock::{Key, Model, Plugged, Touch, plug_in};
use passkey_transports::hid::{ChannelHandler, Command, Message};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use tempfile::TempDir;

const BROADCAST: u32 = u32::MAX;
/// authenticatorGetInfo, and authenticatorSelection, which waits for a touch.
const GET_INFO: [u8; 1] = [0x04];
const SELECTION: [u8; 1] = [0x0b];
const KEEPALIVE_CANCEL: u8 = 0x2d;

fn plugged(touch: Touch) -> (TempDir, Plugged) {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::in_memory(Model::CURRENT, None).unwrap();
    let plugged = plug_in(&folder.path().join("usb"), key, touch).unwrap();
    (folder, plugged)
}

/// An open device.
struct Port {
    stream: UnixStream,
    messages: ChannelHandler,
}

impl Port {
    fn open(plugged: &Plugged) -> Self {
        Self {
            stream: UnixStream::connect(plugged.socket()).unwrap(),
            messages: ChannelHandler::default(),
        }
    }

    fn send(&mut self, channel: u32, command: Command, bytes: &[u8]) {
        Message::new(channel, command, bytes).unwrap().send(&mut self.stream).unwrap();
    }

    fn send_report(&mut self, channel: u32, rest: &[u8]) {
        let mut report = [0; 64];
        report[..4].copy_from_slice(&channel.to_ne_bytes());
        report[4..4 + rest.len()].copy_from_slice(rest);
        self.stream.write_all(&report).unwrap();
    }

    fn receive(&mut self) -> Message {
        loop {
            let mut report = [0; 64];
            self.stream.read_exact(&mut report).unwrap();
            if let Some(message) = self.messages.handle_packet(&report) {
                return message;
            }
        }
    }

    /// The next message on this channel that is not "still waiting".
    fn answer(&mut self, channel: u32) -> (u8, Vec<u8>) {
        loop {
            let message = self.receive();
            assert_eq!(message.channel, channel);
            if !matches!(message.command, Command::KeepAlive) {
                return (message.command as u8, message.payload);
            }
        }
    }

    fn ask(&mut self, channel: u32, command: Command, bytes: &[u8]) -> (u8, Vec<u8>) {
        self.send(channel, command, bytes);
        self.answer(channel)
    }

    fn channel(&mut self) -> u32 {
        let (_, answer) = self.ask(BROADCAST, Command::Init, b"a nonce!");
        assert_eq!(answer[..8], *b"a nonce!");
        u32::from_ne_bytes(answer[8..12].try_into().unwrap())
    }

    /// Until the person is waited for.
    fn wait_for_touch(&mut self, channel: u32) {
        self.send(channel, Command::Cbor, &SELECTION);
        let waiting = self.receive();
        assert_eq!((waiting.command as u8, waiting.payload), (Command::KeepAlive as u8, vec![2]));
    }
}

fn error(code: u8) -> (u8, Vec<u8>) {
    (Command::Err as u8, vec![code])
}

const INVALID_COMMAND: u8 = 0x01;
const INVALID_LENGTH: u8 = 0x03;
const INVALID_SEQUENCE: u8 = 0x04;
const MESSAGE_TIMEOUT: u8 = 0x05;
const BUSY: u8 = 0x06;
const INVALID_CHANNEL: u8 = 0x0b;

#[test]
fn a_key_echoes_winks_and_says_who_it_is() {
    let (_folder, plugged) = plugged(Touch::AtOnce);
    let mut port = Port::open(&plugged);
    let (command, answer) = port.ask(BROADCAST, Command::Init, b"a nonce!");
    assert_eq!((command, answer.len()), (Command::Init as u8, 17));
    assert_eq!((answer[12], answer[16]), (2, 0x0d), "protocol version, and: wink, CBOR, no U2F");
    let channel = port.channel();
    assert_eq!(port.ask(channel, Command::Ping, &[7; 500]), (Command::Ping as u8, vec![7; 500]));
    assert_eq!(port.ask(channel, Command::Wink, &[]), (Command::Wink as u8, vec![]));
    assert_eq!(port.ask(channel, Command::Cbor, &GET_INFO).1[0], 0);
}

#[test]
fn what_is_no_request_is_answered_with_an_error() {
    let (_folder, plugged) = plugged(Touch::AtOnce);
    let mut port = Port::open(&plugged);
    let channel = port.channel();
    assert_eq!(port.ask(channel, Command::Lock, &[5]), error(INVALID_COMMAND));
    assert_eq!(port.ask(channel, Command::KeepAlive, &[1]), error(INVALID_COMMAND));
    assert_eq!(port.ask(channel, Command::Init, b"short"), error(INVALID_LENGTH));
    assert_eq!(port.ask(channel, Command::Cbor, &[]), error(INVALID_LENGTH));
    assert_eq!(port.ask(channel, Command::Wink, &[1]), error(INVALID_LENGTH));
    assert_eq!(port.ask(BROADCAST, Command::Ping, &[1]), error(INVALID_CHANNEL));
    assert_eq!(port.ask(0, Command::Init, b"a nonce!"), error(INVALID_CHANNEL));
    let foreign = Port::open(&plugged).channel();
    assert_eq!(port.ask(foreign, Command::Ping, &[1]), error(INVALID_CHANNEL), "another program's");
}

#[test]
fn reports_that_are_lost_end_the_message_and_nothing_else() {
    let (_folder, plugged) = plugged(Touch::AtOnce);
    let mut port = Port::open(&plugged);
    let channel = port.channel();
    port.send_report(channel, &[0x81, 0, 200]);
    port.send_report(channel, &[1]);
    assert_eq!(port.answer(channel), error(INVALID_SEQUENCE));
    port.send_report(channel, &[2]);
    assert_eq!(
        port.ask(channel, Command::Ping, &[1]),
        (Command::Ping as u8, vec![1]),
        "the rest was ignored"
    );
    port.send_report(channel, &[0x81, 0xff, 0xff]);
    assert_eq!(port.answer(channel), error(INVALID_LENGTH));
    port.send_report(channel, &[0x81, 0, 200]);
    assert_eq!(port.answer(channel), error(MESSAGE_TIMEOUT));
}

#[test]
fn a_wait_for_a_touch_is_told_and_can_be_cancelled() {
    let (_folder, plugged) = plugged(Touch::After(Duration::from_secs(60)));
    let mut port = Port::open(&plugged);
    let channel = port.channel();
    port.send(channel, Command::Cancel, &[]);
    port.wait_for_touch(channel);
    port.send(channel, Command::Cancel, &[]);
    assert_eq!(port.answer(channel), (Command::Cbor as u8, vec![KEEPALIVE_CANCEL]));
    assert_eq!(port.ask(channel, Command::Cbor, &GET_INFO).1[0], 0);
}

#[test]
fn while_it_waits_for_a_touch_a_key_is_busy_for_others() {
    let (_folder, plugged) = plugged(Touch::After(Duration::from_secs(60)));
    let (mut port, mut other) = (Port::open(&plugged), Port::open(&plugged));
    let (channel, second, foreign) = (port.channel(), port.channel(), other.channel());
    port.wait_for_touch(channel);
    assert_eq!(other.ask(foreign, Command::Cbor, &GET_INFO), error(BUSY));
    other.send(foreign, Command::Cancel, &[]);
    port.send(second, Command::Cbor, &GET_INFO);
    let busy = std::iter::repeat_with(|| port.receive())
        .find(|message| message.channel == second)
        .unwrap();
    assert_eq!((busy.command as u8, busy.payload), error(BUSY));
    // Who begins anew is answered at once, and the old request never.
    port.send(channel, Command::Init, b"a nonce!");
    assert_eq!(port.answer(channel).0, Command::Init as u8);
    assert_eq!(other.ask(foreign, Command::Cbor, &GET_INFO).1[0], 0);
}

#[test]
fn who_hangs_up_while_the_key_waits_leaves_it_free() {
    let (_folder, plugged) = plugged(Touch::After(Duration::from_secs(60)));
    let mut port = Port::open(&plugged);
    let channel = port.channel();
    port.wait_for_touch(channel);
    drop(port);
    let mut port = Port::open(&plugged);
    let channel = port.channel();
    while port.ask(channel, Command::Cbor, &GET_INFO) == error(BUSY) {}
    assert_eq!(port.ask(channel, Command::Cbor, &GET_INFO).1[0], 0);
}

#[test]
fn bad_bytes_do_no_harm() {
    let (_folder, plugged) = plugged(Touch::AtOnce);
    for seed in 0..50u8 {
        let bytes: Vec<u8> =
            (0..1000u32).map(|i| (i * 31 + u32::from(seed) * 97).to_le_bytes()[0] ^ seed).collect();
        Port::open(&plugged).stream.write_all(&bytes).unwrap();
    }
    let mut port = Port::open(&plugged);
    let channel = port.channel();
    assert_eq!(port.ask(channel, Command::Cbor, &GET_INFO).1[0], 0);
}

#[test]
fn a_key_that_is_pulled_out_is_gone() {
    let (_folder, plugged) = plugged(Touch::AtOnce);
    let mut port = Port::open(&plugged);
    port.channel();
    let socket = plugged.socket().to_owned();
    drop(plugged);
    assert_eq!(port.stream.read(&mut [0; 64]).unwrap(), 0);
    assert!(UnixStream::connect(socket).is_err());
}
