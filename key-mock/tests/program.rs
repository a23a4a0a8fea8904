//! The program: started, spoken to, ended.

#![allow(clippy::unwrap_used)]
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn program(folder: &Path, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_key-mock"));
    command
        .arg("--listen")
        .arg(folder.join("usb"))
        .arg("--state")
        .arg(folder.join("key.json"))
        .args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What it says when it is ready.
fn greeting(program: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line
}

fn terminate(program: &mut Child) -> bool {
    Command::new("kill").arg(program.id().to_string()).status().unwrap();
    program.wait().unwrap().success()
}

/// CTAPHID INIT on the broadcast channel.
fn ask_for_a_channel(socket: &Path) -> [u8; 64] {
    let mut port = UnixStream::connect(socket).unwrap();
    let mut report = [0; 64];
    report[..15].copy_from_slice(b"\xff\xff\xff\xff\x86\x00\x08a nonce!");
    port.write_all(&report).unwrap();
    port.read_exact(&mut report).unwrap();
    report
}

#[test]
fn it_is_plugged_in_while_it_runs_and_leaves_only_the_key_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = program(folder.path(), &["--pin", "2718"]);
    assert!(greeting(&mut running).starts_with("MOCK security key"));
    let answer = ask_for_a_channel(&folder.path().join("usb"));
    assert!(answer.starts_with(b"\xff\xff\xff\xff\x86\x00\x11a nonce!"), "{answer:02x?}");
    assert!(terminate(&mut running));
    assert!(!folder.path().join("usb").exists());

    let mut again = program(folder.path(), &[]);
    assert!(greeting(&mut again).starts_with("MOCK security key"));
    assert!(terminate(&mut again));
}

#[test]
fn a_socket_left_by_a_killed_key_is_no_obstacle_and_one_in_use_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut killed = program(folder.path(), &[]);
    greeting(&mut killed);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(folder.path().join("usb").exists());

    let mut running = program(folder.path(), &[]);
    greeting(&mut running);
    let second = program(folder.path(), &[]).wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another process"));
    assert!(terminate(&mut running));
}

#[test]
fn a_damaged_key_and_a_short_pin_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let short = program(folder.path(), &["--pin", "123"]).wait_with_output().unwrap();
    assert!(!short.status.success());
    assert!(String::from_utf8_lossy(&short.stderr).contains("4 characters or more"));

    fs::write(folder.path().join("key.json"), "{}").unwrap();
    let damaged = program(folder.path(), &[]).wait_with_output().unwrap();
    assert!(!damaged.status.success());
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("damaged"));
    assert_eq!(fs::read(folder.path().join("key.json")).unwrap(), b"{}");
}
