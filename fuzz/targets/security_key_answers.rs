//! Whatever is plugged in as a security key: its reports, its answers to each command, to the end
//! of a conversation.
#![no_main]

use async_trait::async_trait;
use passkey_unlock::{
    AssertionRequest, Authenticator, HidBus, HidPort, NewPasskey, ORIGIN, PasskeyError, PinPrompt,
    Purpose, REPORT, RP_ID, SecurityKey, UserCheck,
};
use sealed_keys::SecretText;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

// First byte: odd for an assertion; 2 and 3 for bare reports instead of whole answers, each after
// its length (two bytes).
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let answers = if kind & 2 == 0 { whole_answers(rest) } else { bare_reports(rest) };
    let key = SecurityKey::new(Bus(Arc::new(Mutex::new(answers))));
    if kind & 1 == 0 {
        let _ = RUNTIME.block_on(key.create(&new_passkey(), &Person));
    } else {
        let _ = RUNTIME.block_on(key.assert(&request(), &Person));
    }
});

/// What the key says to each message, as reports on its channel.
type Answers = VecDeque<Vec<[u8; REPORT]>>;

const CHANNEL: [u8; 4] = [0, 0, 0, 7];

fn whole_answers(mut bytes: &[u8]) -> Answers {
    let mut answers = Answers::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len()).min(2000);
        let (answer, rest) = rest.split_at(length);
        answers.push_back(cut(answer));
        bytes = rest;
    }
    answers
}

/// One command after another gets a single report, and those that wait for more get the next ones
/// too.
fn bare_reports(bytes: &[u8]) -> Answers {
    bytes.chunks(REPORT - 4).map(|chunk| vec![report(chunk)]).collect()
}

fn cut(answer: &[u8]) -> Vec<[u8; REPORT]> {
    let (first, rest) = answer.split_at(answer.len().min(57));
    let [high, low] = (answer.len() as u16).to_be_bytes();
    let start = report(&[&[0x90, high, low], first].concat());
    let rest =
        (0u8..).zip(rest.chunks(59)).map(|(sequence, part)| report(&[&[sequence], part].concat()));
    [start].into_iter().chain(rest).collect()
}

fn report(after_channel: &[u8]) -> [u8; REPORT] {
    let mut report = [0; REPORT];
    report[..4].copy_from_slice(&CHANNEL);
    report[4..4 + after_channel.len()].copy_from_slice(after_channel);
    report
}

/// One set of answers, however often the device is opened.
struct Bus(Arc<Mutex<Answers>>);

impl HidBus for Bus {
    fn open(&self) -> Result<Box<dyn HidPort>, PasskeyError> {
        Ok(Box::new(Port { answers: self.0.clone(), said: VecDeque::new() }))
    }
}

struct Port {
    answers: Arc<Mutex<Answers>>,
    said: VecDeque<[u8; REPORT]>,
}

impl HidPort for Port {
    fn write(&mut self, report: &[u8; REPORT]) -> io::Result<()> {
        if report[4] == 0x86 {
            // Without the right nonce nothing would come after it.
            let mut answer = *report;
            answer[6] = 17;
            answer[15..19].copy_from_slice(&CHANNEL);
            self.said.push_back(answer);
        } else if report[4] & 0x80 != 0 {
            self.say_more()?;
        }
        Ok(())
    }

    fn read(&mut self, _: Duration) -> io::Result<Option<[u8; REPORT]>> {
        if self.said.is_empty() {
            self.say_more()?;
        }
        Ok(self.said.pop_front())
    }
}

impl Port {
    /// Pulled out when nothing is left to say.
    fn say_more(&mut self) -> io::Result<()> {
        let next = self.answers.lock().expect("nobody panics with it").pop_front();
        self.said.extend(next.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

struct Person;

#[async_trait]
impl UserCheck for Person {
    async fn pin(&self, _: &PinPrompt) -> Option<SecretText> {
        Some(SecretText::new("2718".into()))
    }

    async fn touch(&self, _: Purpose) {}
}

fn new_passkey() -> NewPasskey {
    NewPasskey {
        rp_id: RP_ID.into(),
        origin: ORIGIN.into(),
        account: vec![7; 16],
        user_name: "ada".into(),
        challenge: [1; 32],
        prf_input: [2; 32],
        exclude: vec![vec![3; 32]],
    }
}

fn request() -> AssertionRequest {
    AssertionRequest {
        rp_id: RP_ID.into(),
        origin: ORIGIN.into(),
        challenge: [1; 32],
        allowed: vec![vec![3; 32]],
        prf_input: [2; 32],
    }
}
