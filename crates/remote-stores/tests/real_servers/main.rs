//! Every service against real servers, which the tests start: see `script/test-stores`.
//!
//! They are ignored where the servers may not be installed.

#![allow(clippy::unwrap_used)]

mod faults;
mod faulty_proxy;
mod process;
mod servers;

use backup_engine::{FolderStore, Store, StoreError, conformance};
use remote_stores::{Address, Credentials, Limits, TrialError, try_out};
use servers::{Place, Server};
use std::sync::Arc;

fn opened(place: &Place) -> Arc<dyn Store> {
    let address = Address::parse(&place.address).expect(&place.address);
    assert_eq!(address.to_string(), place.address);
    remote_stores::open(&address, place.credentials.as_ref(), Limits::default())
        .expect(&place.address)
}

/// What each server must be able to do.
fn conforms(server: &Server) {
    let place = server.place();
    let store = opened(&place);
    try_out(store.as_ref()).expect("the trial of a new place");
    match place.writes_conditionally {
        true => conformance::check(store.as_ref()),
        false => conformance::check_without_races(store.as_ref()),
    }
    large_objects_come_back(store.as_ref());
    documented(server.name, place.writes_conditionally);
}

/// The table in docs/stores.md has a row for each server, as it was found.
fn documented(name: &str, writes_conditionally: bool) {
    let one = if writes_conditionally { "one, always" } else { "one, but for a moment" };
    let row = format!("| {name} | passes | {one} |");
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/stores.md");
    let text = std::fs::read_to_string(docs).unwrap();
    assert!(text.lines().any(|line| line == row), "docs/stores.md lacks this row:\n{row}");
}

fn large_objects_come_back(store: &dyn Store) {
    let pack: Vec<u8> =
        (0..17 * 1024 * 1024u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    store.put("packs/large", &pack).expect("put a pack");
    assert!(store.get("packs/large", pack.len()).expect("get a pack") == pack);
    assert!(matches!(store.get("packs/large", pack.len() - 1), Err(StoreError::TooLarge(_))));
    let at = 9 * 1024 * 1024;
    assert!(
        store.get_range("packs/large", at, 4096).expect("a range") == pack[at as usize..][..4096]
    );
    store.delete("packs/large").expect("delete a pack");
}

fn strangers_are_refused(server: &Server) {
    let place = server.place();
    let wrong =
        Credentials { name: "keepsake".into(), secret: String::from("not the password").into() };
    let address = Address::parse(&place.address).expect("an address");
    let store = remote_stores::open(&address, Some(&wrong), Limits::default())
        .expect("nobody is asked yet");
    let refusal = try_out(store.as_ref()).expect_err("a wrong password");
    assert!(matches!(refusal, TrialError::List(StoreError::Refused(_))), "{refusal:?}");
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::new(folder.path()).unwrap();
    try_out(&store).unwrap();
    large_objects_come_back(&store);
    documented("a folder of this computer", true);
}

#[test]
#[ignore = "script/test-stores"]
fn s3_of_rclone() {
    conforms(&Server::rclone_s3());
}

#[test]
#[ignore = "script/test-stores"]
fn s3_of_moto() {
    conforms(&Server::moto());
}

#[test]
#[ignore = "script/test-stores"]
fn webdav_of_rclone() {
    let server = Server::rclone_webdav();
    conforms(&server);
    strangers_are_refused(&server);
}

#[test]
#[ignore = "script/test-stores"]
fn webdav_of_wsgidav() {
    let server = Server::wsgidav();
    conforms(&server);
    strangers_are_refused(&server);
}

#[test]
#[ignore = "script/test-stores"]
fn webdav_of_apache() {
    let server = Server::apache();
    conforms(&server);
    strangers_are_refused(&server);
}

#[test]
#[ignore = "script/test-stores"]
fn sftp_of_rclone() {
    conforms(&Server::rclone_sftp());
}

#[test]
#[ignore = "script/test-stores"]
fn sftp_of_openssh() {
    conforms(&Server::sshd());
}

#[test]
#[ignore = "script/test-stores"]
fn whatever_rclone_reaches() {
    conforms(&Server::rclone_remote());
}

#[test]
#[ignore = "script/test-stores"]
fn a_remote_that_rclone_does_not_know_is_told_in_its_words() {
    let address = Address::parse("rclone:nowhere:path").unwrap();
    let refusal =
        remote_stores::open(&address, None, Limits::default()).err().expect("no such remote");
    assert!(
        refusal.to_string().contains("nowhere") || refusal.to_string().contains("config"),
        "{refusal}"
    );
}

#[test]
#[ignore = "script/test-stores"]
fn a_server_that_went_away_is_told_as_that() {
    let server = Server::rclone_webdav();
    let store = opened(&server.place());
    store.put("packs/aa", b"before").unwrap();
    drop(server);
    let refusal = store.get("packs/aa", 10).expect_err("nobody answers");
    assert!(matches!(refusal, StoreError::Unreachable { .. }), "{refusal:?}");
}
