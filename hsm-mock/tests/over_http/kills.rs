//! `kill -9` at any moment: what the device has confirmed is there after the next start.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use hsm_mock::host::{Host, HostError};

use crate::program::{Program, transceive};

/// Kills in a test run; `HSM_MOCK_KILLS` asks for more.
const KILLS: u64 = 5;
/// The latest moment of a kill after the first command.
const LATEST: Duration = Duration::from_millis(60);

type Transport = Box<dyn FnMut(&[u8]) -> Vec<u8>>;
type Session = Host<Transport>;

fn open(port: u16) -> Result<Session, HostError> {
    // No answer is an empty one.
    let transport: Transport =
        Box::new(move |message| transceive(port, message).unwrap_or_default());
    Host::open(transport, 1, b"password")
}

fn start(state: &Path) -> Program {
    Program::start(&["--state", state.to_str().unwrap()])
}

fn opaque_ids(session: &mut Session) -> BTreeSet<u16> {
    let listed = session.command(0x48, &[2, 1]).unwrap();
    listed
        .as_chunks::<4>()
        .0
        .iter()
        .map(|[high, low, ..]| u16::from_be_bytes([*high, *low]))
        .collect()
}

/// Puts and deletes objects until there is no answer; returns those whose fate is known, and the
/// one that was being changed.
fn work(session: &mut Session, mut there: BTreeSet<u16>) -> (BTreeSet<u16>, u16) {
    for id in (1..=100u16).cycle() {
        let arguments = [&id.to_be_bytes()[..], &[0; 40], &[0, 1], &[0; 8], &[30, 7]].concat();
        let delete = [&id.to_be_bytes()[..], &[1]].concat();
        let done = match there.contains(&id) {
            true => session.command(0x58, &delete).map(|_| there.remove(&id)),
            false => session.command(0x42, &arguments).map(|_| there.insert(id)),
        };
        match done {
            Ok(_) => {}
            Err(HostError::Refused(code)) => panic!("refused with {code:#04x}"),
            Err(_) => return (there, id),
        }
    }
    unreachable!("an endless range")
}

#[test]
fn nothing_confirmed_is_lost_when_the_program_is_killed() {
    let kills = std::env::var("HSM_MOCK_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("device.db");
    let mut expected = (BTreeSet::new(), 0);
    let mut confirmed = 0;
    for kill in 0..kills {
        let program = start(&state);
        let mut session = open(program.port).unwrap();
        let found = opaque_ids(&mut session);
        let differing: Vec<_> = found.symmetric_difference(&expected.0).collect();
        assert!(differing.is_empty() || differing == [&expected.1], "kill {kill}: {differing:?}");
        // Moments spread over the time, the same in each run.
        let moment = LATEST.mul_f64((kill as f64 * 0.618_034).fract());
        let killer = std::thread::spawn(move || {
            std::thread::sleep(moment);
            program.end()
        });
        expected = work(&mut session, found);
        confirmed += expected.0.len();
        killer.join().unwrap();
    }
    assert!(confirmed > 0, "every kill came before the first command");
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("device.db"))
        .collect();
    assert!(left.is_empty(), "temporary files are left: {left:?}");
}
