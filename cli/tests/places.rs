//! Backups to a place that is no folder: a WebDAV server that the test starts. See
//! `script/test-stores`.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/remote-stores/tests/real_servers/process.rs"]
mod process;
mod support;

use process::Process;
use std::process::Command;
use support::Computer;

const NAME: &str = "ann";
const SECRET: &str = "an app password of these tests";

fn webdav() -> Process {
    Process::start(|folder, port| {
        let data = folder.join("data");
        std::fs::create_dir_all(&data).unwrap();
        let mut command = Command::new("rclone");
        let address = format!("127.0.0.1:{port}");
        command
            .args(["serve", "webdav", "--addr", &address, "--user", NAME, "--pass", SECRET])
            .arg(data);
        command
    })
}

#[test]
#[ignore = "script/test-stores"]
fn chats_go_to_a_server_and_come_back_on_another_computer() {
    let server = webdav();
    let repo = format!("http://127.0.0.1:{}/Keepsake", server.port);
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();

    let create = ["backup", "create", "--repo", &repo];
    computer.keepsake(&create).refused("place_refused");
    let add = ["backup", "place", "add", "--repo", &repo, "--name", NAME];
    computer.keepsake_typing("home", &add, "wrong").refused("place_refused");
    computer.keepsake(&create).refused("place_refused");
    let added = computer.keepsake_typing("home", &add, SECRET).succeeded();
    assert_eq!((&added["kind"], &added["has_login"]), (&"webdav".into(), &true.into()));

    computer.keepsake(&create).succeeded();
    assert_eq!(computer.keepsake(&create).succeeded()["unchanged"], true);
    let checked =
        computer.keepsake(&["backup", "check", "--read-data", "--repo", &repo]).succeeded();
    assert_eq!(checked["problems"].as_array().unwrap().len(), 0);
    let places = computer.keepsake(&["backup", "place", "list"]).succeeded();
    assert!(places[0]["last_backup"].is_number(), "{places}");

    let key = computer.keepsake(&["backup", "offline-key", "--repo", &repo]).succeeded();
    let environment = [
        ("KEEPSAKE_PLACE_NAME", NAME),
        ("KEEPSAKE_PLACE_SECRET", SECRET),
        ("KEEPSAKE_OFFLINE_KEY", key["key"].as_str().unwrap()),
    ];
    let restore = ["backup", "restore", "--repo", &repo];
    let restored = computer.keepsake_at("new", &restore, &environment).succeeded();
    assert_eq!((&restored["messages"], &restored["media"]), (&2.into(), &1.into()));

    drop(server);
    let refusal = computer.keepsake(&create).refused("place_unreachable");
    assert!(!refusal.to_string().contains(SECRET));
    computer.keepsake(&["backup", "place", "remove", "--repo", &repo]).succeeded();
    assert_eq!(
        computer.keepsake(&["backup", "place", "list"]).succeeded().as_array().unwrap().len(),
        0
    );
}

#[test]
fn an_address_that_cannot_be_used_says_what_to_do() {
    let computer = Computer::new();
    for (repo, words) in [
        ("https://ann:secret@cloud.example/dav", "without it"),
        ("http://cloud.example/dav", "https://"),
        ("ftp://host/path", "Check the address"),
    ] {
        let refused = computer.keepsake(&["backup", "create", "--repo", repo]).refused("bad_place");
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
    computer
        .keepsake(&["backup", "create", "--repo", "s3://bucket/folder"])
        .refused("place_login_missing");
}
