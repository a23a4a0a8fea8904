use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hsm_mock::host::{Host, HostError};
use hsm_mock::{ConnectorFault, DeviceError};

use crate::raw_client::{over_http, try_over_http};
use crate::rig::Rig;

#[test]
fn a_fault_strikes_the_next_messages_and_no_more() {
    let rig = Rig::new(1);
    let send = || try_over_http(rig.served.address(), &[1, 0, 1, 9]);
    let echo = Some(vec![0x81, 0, 1, 9]);
    assert_eq!(send(), echo);
    for fault in [ConnectorFault::DropMessage, ConnectorFault::DropAnswer, ConnectorFault::NoDevice]
    {
        rig.emulator.plan_fault(fault, 2);
        assert_eq!([send(), send(), send()], [None, None, echo.clone()], "{fault:?}");
    }
    rig.emulator.plan_fault(ConnectorFault::Corrupt, 1);
    assert_eq!(send(), Some(vec![0x81, 0, 1, 8]));
    rig.emulator.plan_fault(ConnectorFault::Delay(Duration::from_millis(1)), 1);
    assert_eq!(send(), echo);
}

#[test]
fn a_message_that_comes_twice_ends_its_session() {
    let rig = Rig::new(1);
    let mut session = Host::open(over_http(rig.served.address()), 1, b"password").unwrap();
    session.command(1, b"once").unwrap();
    rig.emulator.plan_fault(ConnectorFault::Duplicate, 1);
    assert_eq!(session.command(1, b"twice"), Err(HostError::Outer(4)));
    assert_eq!(rig.emulator.open_sessions(), 0);
}

#[test]
fn a_command_fails_when_it_is_told_to_with_the_code_it_is_told() {
    let rig = Rig::new(1);
    let mut session = rig.raw();
    rig.emulator.fail_command(1, DeviceError::StorageFailed);
    assert!(session.command(1, b"first").is_ok());
    assert_eq!(session.command(1, b"second"), Err(HostError::Refused(7)));
    assert!(session.command(1, b"third").is_ok());
    rig.emulator.lose_sessions();
    assert_eq!(session.command(1, b"gone"), Err(HostError::Outer(3)));
}

/// An address that nobody listens at, now.
fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The program with a control port, stopped when dropped.
struct Program {
    child: Child,
    ports: Vec<String>,
    control: String,
}

impl Program {
    fn start(serials: &str) -> Self {
        let control = free_address();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hsm-mock"))
            .args(["--listen", "127.0.0.1:0", "--print-port", "--exit-with-parent"])
            .args(["--serial", serials, "--control", &control])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let count = serials.split(',').count();
        let ports = lines.take(count).map(|line| line.unwrap()).collect();
        Self { child, ports, control }
    }

    fn control(&self, action: &str) -> (bool, String) {
        let words = action.split(' ');
        let output = Command::new(env!("CARGO_BIN_EXE_hsm-mock"))
            .args(["control", "--at", &self.control])
            .args(words)
            .output()
            .unwrap();
        let text = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    fn address(&self, index: usize) -> std::net::SocketAddr {
        format!("127.0.0.1:{}", self.ports[index]).parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn another_process_makes_a_device_fail() {
    let program = Program::start("7");
    let mut session = Host::open(over_http(program.address(0)), 1, b"password").unwrap();
    assert_eq!(program.control("sessions"), (true, "1\n".to_owned()));
    assert_eq!(program.control("fail 0x07"), (true, "done\n".to_owned()));
    assert_eq!(session.command(1, b"x"), Err(HostError::Refused(7)));
    assert_eq!(program.control("power-cycle"), (true, "done\n".to_owned()));
    assert_eq!(session.command(1, b"x"), Err(HostError::Outer(3)));
    let (done, text) = program.control("explode");
    assert!(!done && text.contains("no action") && text.contains("drop-answer"), "{text}");
}

#[test]
fn several_devices_live_in_one_process_and_are_named_to_be_controlled() {
    let program = Program::start("7,8");
    let serial = |index| {
        let answer = try_over_http(program.address(index), &[6, 0, 0]).unwrap();
        u32::from_be_bytes(answer[6..10].try_into().unwrap())
    };
    assert_eq!((serial(0), serial(1)), (7, 8));
    let (done, text) = program.control("sessions");
    assert!(!done && text.contains("--serial"), "{text}");
    assert!(program.control("--serial 8 lose-sessions").0);
    assert!(!program.control("--serial 9 lose-sessions").0);
}
