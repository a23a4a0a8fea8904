//! An open channel to a key (CTAP 2.1, 11.2.5): one question at a time, and a way to break off the
//! wait.

use super::framing::{HidPort, Message, REPORT, reports};
use crate::error::PasskeyError;
use sealed_keys::{OsRng, RngCore};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const BROADCAST: u32 = 0xffff_ffff;

const INIT: u8 = 0x06;
const CBOR: u8 = 0x10;
const CANCEL: u8 = 0x11;
const KEEPALIVE: u8 = 0x3b;
const ERROR: u8 = 0x3f;

/// Another program speaks to the key.
const CHANNEL_BUSY: u8 = 0x06;

/// A key waits 30 s for a touch; a person needs some of it to find the key.
const PATIENCE: Duration = Duration::from_secs(60);

/// A key says "still waiting" every 100 ms.
const SILENCE: Duration = Duration::from_secs(5);

/// How soon it is noticed that nobody waits for the answer any more.
const TICK: Duration = Duration::from_millis(100);

pub(super) struct Channel {
    port: Box<dyn HidPort>,
    id: u32,
    given_up: GivenUp,
}

/// Tells the thread that waits for a key that the answer is not wanted any more.
#[derive(Clone, Default)]
pub(super) struct GivenUp(Arc<AtomicBool>);

/// Gives up when it is dropped.
pub(super) struct Waiting(GivenUp);

impl GivenUp {
    pub(super) fn when_dropped(&self) -> Waiting {
        Waiting(self.clone())
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl Channel {
    /// Errors: `NoDevice`, `Cancelled`, `Damaged`, `Io`, `Unsupported`.
    pub(super) fn open(port: Box<dyn HidPort>, given_up: GivenUp) -> Result<Self, PasskeyError> {
        let mut nonce = [0; 8];
        OsRng.fill_bytes(&mut nonce);
        let mut channel = Self { port, id: BROADCAST, given_up };
        let began = Instant::now();
        while began.elapsed() < SILENCE {
            let answer = channel.exchange(INIT, &nonce)?;
            // Another program's answer is not for us.
            if answer.get(..8) == Some(&nonce) {
                let id = answer
                    .get(8..12)
                    .and_then(|bytes| bytes.try_into().ok())
                    .ok_or_else(damaged)?;
                channel.id = u32::from_be_bytes(id);
                return Ok(channel);
            }
        }
        Err(busy())
    }

    /// A CTAP message and its answer. Errors: as [`Channel::open`].
    pub(super) fn ask(&mut self, message: &[u8]) -> Result<Vec<u8>, PasskeyError> {
        self.exchange(CBOR, message)
    }

    fn exchange(&mut self, command: u8, message: &[u8]) -> Result<Vec<u8>, PasskeyError> {
        let began = Instant::now();
        while !self.given_up.is_set() {
            self.send(command, message)?;
            match self.receive(command)? {
                Some(answer) => return Ok(answer),
                None if began.elapsed() < SILENCE => sleep(TICK),
                None => return Err(busy()),
            }
        }
        Err(PasskeyError::Cancelled)
    }

    fn send(&mut self, command: u8, message: &[u8]) -> Result<(), PasskeyError> {
        reports(self.id, command, message)?
            .iter()
            .try_for_each(|report| self.port.write(report).map_err(pulled_out))
    }

    /// `None`: the key is busy with another program. Other channels' reports and "still waiting"
    /// are skipped.
    fn receive(&mut self, command: u8) -> Result<Option<Vec<u8>>, PasskeyError> {
        let deadline = Instant::now() + PATIENCE;
        let mut message = Message::default();
        loop {
            let report = self.next_report(command, deadline)?;
            match message.add(self.id, &report)? {
                None | Some((KEEPALIVE, _)) => {}
                Some((ERROR, code)) if code == [CHANNEL_BUSY] => return Ok(None),
                Some((ERROR, code)) => {
                    return Err(PasskeyError::Unsupported(format!(
                        "the key answered with error {code:02x?}"
                    )));
                }
                Some((got, answer)) if got == command => return Ok(Some(answer)),
                Some(_) => return Err(damaged()),
            }
        }
    }

    /// Errors: `Cancelled`, after the key was told; `NoDevice`.
    fn next_report(
        &mut self,
        command: u8,
        deadline: Instant,
    ) -> Result<[u8; REPORT], PasskeyError> {
        let began = Instant::now();
        while began.elapsed() < SILENCE {
            if self.given_up.is_set() || Instant::now() > deadline {
                self.cancel(command);
                return Err(PasskeyError::Cancelled);
            }
            if let Some(report) = self.port.read(TICK).map_err(pulled_out)? {
                return Ok(report);
            }
        }
        Err(PasskeyError::NoDevice)
    }

    /// So that the key stops blinking. Only a CTAP command can be cancelled; a key that is gone
    /// need not be told.
    fn cancel(&mut self, command: u8) {
        if command == CBOR {
            let _ = self.send(CANCEL, &[]);
        }
    }
}

/// An open device fails only when it is gone.
fn pulled_out(_: std::io::Error) -> PasskeyError {
    PasskeyError::NoDevice
}

fn busy() -> PasskeyError {
    PasskeyError::Io("another program is using the security key".into())
}

fn damaged() -> PasskeyError {
    PasskeyError::Damaged("the key's answer".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::io;
    use std::sync::Mutex;

    const OURS: u32 = 7;
    const THEIRS: u32 = 8;

    /// Answers each message with what is next in the script, and with silence when nothing is.
    struct Scripted {
        script: VecDeque<Vec<(u32, u8, Vec<u8>)>>,
        answers: VecDeque<[u8; REPORT]>,
        commands: Arc<Mutex<Vec<u8>>>,
    }

    impl HidPort for Scripted {
        fn write(&mut self, report: &[u8; REPORT]) -> io::Result<()> {
            let command = report[4] & 0x7f;
            self.commands.lock().unwrap().push(command);
            let answers = match command {
                INIT => vec![
                    (
                        BROADCAST,
                        INIT,
                        [&[0; 8][..], &THEIRS.to_be_bytes(), &[2, 0, 0, 0, 4]].concat(),
                    ),
                    (
                        BROADCAST,
                        INIT,
                        [&report[7..15], &OURS.to_be_bytes(), &[2, 0, 0, 0, 4]].concat(),
                    ),
                ],
                _ => self.script.pop_front().unwrap_or_default(),
            };
            let cut =
                |(id, command, bytes): (u32, u8, Vec<u8>)| reports(id, command, &bytes).unwrap();
            self.answers.extend(answers.into_iter().flat_map(cut));
            Ok(())
        }

        fn read(&mut self, timeout: Duration) -> io::Result<Option<[u8; REPORT]>> {
            if self.answers.is_empty() {
                sleep(timeout);
            }
            Ok(self.answers.pop_front())
        }
    }

    type Commands = Arc<Mutex<Vec<u8>>>;

    fn open<const N: usize>(script: [Vec<(u32, u8, Vec<u8>)>; N]) -> (Channel, GivenUp, Commands) {
        let (given_up, commands) = (GivenUp::default(), Commands::default());
        let port = Scripted {
            script: script.into(),
            answers: VecDeque::new(),
            commands: commands.clone(),
        };
        (Channel::open(Box::new(port), given_up.clone()).unwrap(), given_up, commands)
    }

    #[test]
    fn the_answer_is_found_among_keepalives_and_other_programs_reports() {
        let answers = vec![
            (OURS, KEEPALIVE, vec![2]),
            (THEIRS, CBOR, vec![9; 100]),
            (OURS, CBOR, vec![0; 70]),
            (OURS, CBOR, vec![1]),
        ];
        let (mut channel, _, _) = open([answers]);
        assert_eq!(channel.ask(&[4]), Ok(vec![0; 70]));
    }

    #[test]
    fn a_busy_key_is_asked_again_and_other_errors_are_told() {
        let error = |code: u8| vec![(OURS, ERROR, vec![code])];
        let (mut channel, _, commands) =
            open([error(CHANNEL_BUSY), error(CHANNEL_BUSY), vec![(OURS, CBOR, vec![0])]]);
        assert_eq!(channel.ask(&[4]), Ok(vec![0]));
        assert_eq!(commands.lock().unwrap().as_slice(), [INIT, INIT, CBOR, CBOR, CBOR]);
        let (mut channel, _, _) = open([error(0x0b)]);
        assert!(matches!(channel.ask(&[4]), Err(PasskeyError::Unsupported(_))));
        let (mut channel, _, _) = open([vec![(OURS, INIT, vec![])]]);
        assert_eq!(channel.ask(&[4]), Err(damaged()));
    }

    #[test]
    fn who_gives_up_cancels_what_the_key_waits_for_and_asks_no_more() {
        let (mut channel, given_up, commands) = open([vec![(OURS, KEEPALIVE, vec![2])]]);
        let waiting = given_up.when_dropped();
        let asking = std::thread::spawn(move || (channel.ask(&[1]), channel.ask(&[2])));
        while !commands.lock().unwrap().contains(&CBOR) {
            std::thread::yield_now();
        }
        drop(waiting);
        assert_eq!(
            asking.join().unwrap(),
            (Err(PasskeyError::Cancelled), Err(PasskeyError::Cancelled))
        );
        assert_eq!(commands.lock().unwrap().as_slice(), [INIT, INIT, CBOR, CANCEL]);
    }
}
