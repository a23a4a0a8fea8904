//! Chats given back: the transcript that can be checked, pages for paper, nothing half written.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::Computer;

fn with_chat() -> Computer {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    computer
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_transcript_has_what_its_manifest_says() {
    let computer = with_chat();
    let out = computer.text("for the lawyer");
    let ran = computer
        .keepsake(&["chats", "export", "Mira", "--format", "transcript", "--out", &out])
        .succeeded();
    assert_eq!(ran["messages"], 2);
    let folder = Path::new(&out);
    let all = [
        "manifest.sha256",
        "media",
        "messages.html",
        "messages.json",
        "messages.txt",
        "transcript.pdf",
    ];
    assert_eq!(names_in(folder), all);
    let check = || {
        Command::new("sha256sum")
            .args(["-c", "--strict", "manifest.sha256"])
            .current_dir(folder)
            .output()
    };
    let checked = check().unwrap();
    assert!(checked.status.success(), "{checked:?}");
    let manifest = fs::read_to_string(folder.join("manifest.sha256")).unwrap();
    let sums: BTreeMap<&str, &str> = manifest
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .map(|(sum, path)| (path, sum))
        .collect();
    let listed =
        ["media/IMG-0001.jpg", "messages.html", "messages.json", "messages.txt", "transcript.pdf"];
    assert_eq!(
        sums.keys().copied().collect::<Vec<_>>(),
        listed,
        "everything but the manifest itself"
    );

    fs::write(folder.join("media/IMG-0001.jpg"), b"another photo").unwrap();
    assert!(!check().unwrap().status.success(), "what was changed is found");
}

#[test]
fn pages_are_a_pdf_and_the_same_chat_gives_the_same_bytes() {
    let computer = with_chat();
    let pdf = |name: &str| {
        let out = computer.text(name);
        computer
            .keepsake(&["chats", "export", "Mira", "--format", "pdf", "--out", &out])
            .succeeded();
        fs::read(out).unwrap()
    };
    let once = pdf("once.pdf");
    assert!(once.starts_with(b"%PDF-") && once.ends_with(b"%%EOF"));
    assert_eq!(once, pdf("twice.pdf"));
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let computer = with_chat();
    let before = names_in(computer.dir.path());
    for (format, name) in
        [("pdf", "no/such/folder.pdf"), ("transcript", "no/such/folder"), ("json", "..")]
    {
        let out = computer.text(name);
        computer
            .keepsake(&["chats", "export", "Mira", "--format", format, "--out", &out])
            .refused("disk");
    }
    fs::create_dir(computer.path("there")).unwrap();
    let out = computer.text("there");
    computer
        .keepsake(&["chats", "export", "Mira", "--format", "html", "--out", &out])
        .refused("disk");
    fs::remove_dir(computer.path("there")).unwrap();
    assert_eq!(names_in(computer.dir.path()), before);
}

#[test]
fn a_chat_knows_the_export_it_was_read_from() {
    let computer = with_chat();
    let out = computer.text("mira.json");
    computer.keepsake(&["chats", "export", "Mira", "--out", &out]).succeeded();
    let chat: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    let export = &chat["conversation"]["exports"][0];
    assert_eq!(export["name"], "WhatsApp Chat with Mira.txt");
    let text = Path::new(&computer.export()).join("WhatsApp Chat with Mira.txt");
    let sum = Command::new("sha256sum").arg(text).output().unwrap();
    assert!(String::from_utf8(sum.stdout).unwrap().starts_with(export["sha256"].as_str().unwrap()));
}
