//! Imports from the command line: repeated, broken, ambiguous.
#![allow(clippy::unwrap_used)]

mod support;

use support::Computer;

#[test]
fn importing_twice_adds_nothing() {
    let computer = Computer::new();
    let export = computer.export();
    let first = computer.keepsake(&["source", "import", &export]).succeeded();
    assert_eq!(
        (&first["messages"], &first["attachments"], &first["duplicates_skipped"]),
        (&2.into(), &1.into(), &0.into())
    );
    let second = computer.keepsake(&["source", "import", &export]).succeeded();
    assert_eq!((&second["messages"], &second["duplicates_skipped"]), (&0.into(), &2.into()));
}

#[test]
fn a_broken_export_changes_nothing_and_says_why() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let broken = computer.path("WhatsApp Chat with Nobody.zip");
    std::fs::write(&broken, b"PK\x03\x04 and then nothing that belongs there").unwrap();
    let ran = computer.keepsake(&["source", "import", broken.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("Nothing was imported"), "{}", ran.stderr);
    assert_eq!(computer.keepsake(&["chats", "list"]).succeeded().as_array().unwrap().len(), 1);
}

#[test]
fn what_is_no_export_is_not_taken_for_one() {
    let computer = Computer::new();
    let notes = computer.path("notes.txt");
    std::fs::write(&notes, "milk\nbread\n").unwrap();
    computer.keepsake(&["source", "import", notes.to_str().unwrap()]).refused("not_recognised");
    computer.keepsake(&["source", "detect", &computer.text("missing.zip")]).refused("not_found");
    computer
        .keepsake(&["source", "import", &computer.export(), "--kind", "carrier-pigeon"])
        .refused("usage");
}

#[test]
fn dates_that_can_mean_two_days_need_an_answer() {
    let computer = Computer::new();
    let chat = computer.path("WhatsApp Chat with Ambiguous.txt");
    std::fs::write(&chat, "03/04/2026, 09:15 - Mira: Hello\n03/04/2026, 09:16 - Jonas: Hi\n")
        .unwrap();
    let chat = chat.to_str().unwrap();
    let said = computer.keepsake(&["source", "import", chat]).refused("ambiguous_dates");
    assert!(said.contains("--date-order"), "{said}");
    computer.keepsake(&["source", "import", chat, "--date-order", "mdy"]).succeeded();
    let messages = computer.keepsake(&["chats", "show", "Ambiguous"]).succeeded();
    assert_eq!(messages[0]["at"], 1_772_615_700_000_i64, "2026-03-04 09:15");
}

#[test]
fn an_export_of_a_chat_never_overwrites_a_file() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let out = computer.text("mira.json");
    computer.keepsake(&["chats", "export", "Mira", "--out", &out]).succeeded();
    computer.keepsake(&["chats", "export", "Mira", "--out", &out]).refused("disk");
    computer.keepsake(&["chats", "export", "Nobody", "--out", &out]).refused("not_found");
}

#[test]
fn a_search_marks_the_words_it_found() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let hits = computer.keepsake(&["chats", "search", "nice"]).succeeded();
    let parts = hits[0]["snippet"].as_array().unwrap();
    assert!(parts.iter().any(|p| p["hit"] == true && p["text"] == "nice"), "{hits}");
}

#[test]
fn a_transcript_is_checked_by_sha256sum() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let out = computer.path("transcript");
    let told = computer
        .keepsake(&[
            "chats",
            "export",
            "Mira",
            "--out",
            out.to_str().unwrap(),
            "--format",
            "transcript",
        ])
        .succeeded();
    assert_eq!(told["messages"], 2);
    for name in ["messages.html", "messages.txt", "messages.json", "manifest.sha256"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert_eq!(std::fs::read_dir(out.join("media")).unwrap().count(), 1);
    let check = |dir: &std::path::Path| {
        let ran = std::process::Command::new("sha256sum")
            .args(["-c", "manifest.sha256"])
            .current_dir(dir)
            .output();
        ran.unwrap().status.success()
    };
    assert!(check(&out));
    std::fs::write(out.join("messages.txt"), "something else").unwrap();
    assert!(!check(&out));
    let again = ["chats", "export", "Mira", "--out", out.to_str().unwrap(), "--format", "html"];
    computer.keepsake(&again).refused("disk");
}

#[test]
fn a_chatlab_file_goes_out_and_comes_in_as_the_same_messages() {
    let computer = Computer::new();
    computer.keepsake(&["source", "import", &computer.export()]).succeeded();
    let out = computer.text("mira.jsonl");
    computer
        .keepsake(&["chats", "export", "Mira", "--out", &out, "--format", "chatlab"])
        .succeeded();
    let other = Computer::new();
    other.keepsake(&["source", "import", &out]).succeeded();
    let texts = |computer: &Computer| {
        let all = computer.keepsake(&["chats", "show", "Mira"]).succeeded();
        let text = |m: &serde_json::Value| (m["sender"].clone(), m["text"].clone());
        all.as_array().unwrap().iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(texts(&computer), texts(&other));
}

#[test]
fn only_the_days_that_are_asked_for_are_exported() {
    let computer = Computer::new();
    let chat = computer.path("WhatsApp Chat with Mira.txt");
    let text = "13/04/2026, 09:15 - Mira: one\n14/04/2026, 09:16 - Jonas: two\n15/04/2026, 09:16 - Jonas: three\n";
    std::fs::write(&chat, text).unwrap();
    computer.keepsake(&["source", "import", chat.to_str().unwrap()]).succeeded();
    let out = computer.text("day.txt");
    let days = ["--from", "2026-04-14", "--until", "2026-04-14"];
    let told = computer
        .keepsake(
            &[&["chats", "export", "Mira", "--out", &out, "--format", "text"][..], &days[..]]
                .concat(),
        )
        .succeeded();
    assert_eq!(told["messages"], 1);
    assert!(std::fs::read_to_string(&out).unwrap().contains("Jonas: two"));
    let wrong =
        computer.keepsake(&["chats", "export", "Mira", "--out", &out, "--from", "yesterday"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
}

/// A phone's folder, with the backup and the key of `crates/encrypted-exports/tests/vectors`.
fn phone(computer: &Computer) -> (String, String) {
    let vectors = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/encrypted-exports/tests/vectors");
    let databases = computer.path("WhatsApp/Databases");
    std::fs::create_dir_all(&databases).unwrap();
    for name in ["msgstore.db.crypt15", "wa.db.crypt15"] {
        std::fs::copy(vectors.join(name), databases.join(name)).unwrap();
    }
    let expected = std::fs::read_to_string(vectors.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    (computer.text("WhatsApp"), expected["digits"].as_str().unwrap().to_owned())
}

#[test]
fn an_encrypted_backup_of_a_phone_is_imported_with_its_key() {
    let computer = Computer::new();
    let (folder, key) = phone(&computer);
    let said = computer.keepsake(&["source", "import", &folder]).refused("export_key_needed");
    assert!(said.contains("KEEPSAKE_EXPORT_KEY"), "{said}");
    let import = ["source", "import", folder.as_str()];
    let wrong = "ab".repeat(32);
    computer
        .keepsake_at("home", &import, &[("KEEPSAKE_EXPORT_KEY", wrong.as_str())])
        .refused("export_key_wrong");
    assert_eq!(computer.keepsake(&["chats", "list"]).succeeded().as_array().unwrap().len(), 0);

    let report =
        computer.keepsake_at("home", &import, &[("KEEPSAKE_EXPORT_KEY", key.as_str())]).succeeded();
    assert_eq!(report["messages"], 2);
    let messages = computer.keepsake(&["chats", "show", "Nele"]).succeeded();
    assert_eq!(messages[0]["text"], "The ferry leaves at nine");
    let left: Vec<_> =
        std::fs::read_dir(computer.path("home").join("archive")).unwrap().flatten().collect();
    assert!(
        !left.iter().any(|e| e.file_name().to_string_lossy().starts_with("opened-")),
        "nothing plain stays"
    );
}

#[test]
fn the_key_of_an_older_phone_is_a_file() {
    let computer = Computer::new();
    let vectors = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/encrypted-exports/tests/vectors");
    let (backup, key) = (vectors.join("msgstore.db.crypt14"), vectors.join("key"));
    let (backup, key) = (backup.to_str().unwrap(), key.to_str().unwrap());
    let other = vectors.join("encrypted_backup.key");
    let refused = ["source", "import", backup, "--key-file", other.to_str().unwrap()];
    computer.keepsake(&refused).refused("export_key_wrong");
    let report = computer.keepsake(&["source", "import", backup, "--key-file", key]).succeeded();
    assert_eq!(report["messages"], 2);
}
