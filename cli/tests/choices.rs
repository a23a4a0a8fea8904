//! A part of a backup comes back, is looked at, or goes.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::Value;
use support::Computer;

/// Two chats of two days, each with a photo on its first day, in two snapshots.
fn two_chats(computer: &Computer) -> String {
    let repo = computer.text("backup");
    for (name, hour) in [("Mira", 9), ("Noor", 14)] {
        let dir = computer.path(&format!("WhatsApp Chat with {name}"));
        std::fs::create_dir_all(&dir).unwrap();
        let chat = format!(
            "22/11/2026, {hour:02}:15 - {name}: IMG-{name}.jpg (file attached)\n\
             23/11/2026, {hour:02}:16 - Jonas: hello {name}\n"
        );
        std::fs::write(dir.join(format!("WhatsApp Chat with {name}.txt")), chat).unwrap();
        std::fs::write(dir.join(format!("IMG-{name}.jpg")), format!("photo of {name}")).unwrap();
        computer.keepsake(&["source", "import", dir.to_str().unwrap()]).succeeded();
        computer.keepsake(&["backup", "create", "--repo", &repo]).succeeded();
    }
    repo
}

fn offline_key(computer: &Computer, repo: &str) -> String {
    let made = computer.keepsake(&["backup", "offline-key", "--repo", repo]).succeeded();
    made["key"].as_str().unwrap().to_string()
}

/// Restores into a home of its own.
fn restored(computer: &Computer, repo: &str, home: &str, more: &[&str]) -> Value {
    let key = offline_key(computer, repo);
    let arguments = [&["backup", "restore", "--repo", repo], more].concat();
    computer.keepsake_at(home, &arguments, &[("KEEPSAKE_OFFLINE_KEY", &key)]).succeeded()
}

fn titles(chats: &Value) -> Vec<&str> {
    let mut titles: Vec<_> =
        chats.as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    titles
}

#[test]
fn one_chat_comes_back_with_its_media() {
    let computer = Computer::new();
    let repo = two_chats(&computer);
    let chats = computer.keepsake(&["backup", "browse", "--repo", &repo]).succeeded();
    assert_eq!(titles(&chats), ["Mira", "Noor"]);
    let by_title = restored(&computer, &repo, "a", &["--chat", "Mira"]);
    assert_eq!((&by_title["messages"], &by_title["media"]), (&2.into(), &1.into()));
    assert_eq!(titles(&computer.keepsake_at("a", &["chats", "list"], &[]).succeeded()), ["Mira"]);
    let id = chats.as_array().unwrap().iter().find(|c| c["title"] == "Noor").unwrap()["id"]
        .as_str()
        .unwrap();
    assert_eq!(restored(&computer, &repo, "a", &["--chat", id])["messages"], 2);
    computer
        .keepsake(&["backup", "restore", "--repo", &repo, "--chat", "Nobody"])
        .refused("not_found");
}

#[test]
fn one_day_comes_back_with_its_media_and_the_rest_later() {
    let computer = Computer::new();
    let repo = two_chats(&computer);
    let first = restored(&computer, &repo, "a", &["--until", "2026-11-22"]);
    assert_eq!((&first["messages"], &first["media"]), (&2.into(), &2.into()));
    let second = restored(&computer, &repo, "b", &["--from", "2026-11-23"]);
    assert_eq!((&second["messages"], &second["media"]), (&2.into(), &0.into()));
    let rest = restored(&computer, &repo, "b", &[]);
    assert_eq!(
        (&rest["messages"], &rest["kept"], &rest["media"]),
        (&2.into(), &2.into(), &2.into())
    );
}

#[test]
fn media_and_messages_come_back_each_by_itself() {
    let computer = Computer::new();
    let repo = two_chats(&computer);
    let messages = restored(&computer, &repo, "a", &["--only", "messages"]);
    assert_eq!((&messages["messages"], &messages["media"]), (&4.into(), &0.into()));
    let media = restored(&computer, &repo, "a", &["--only", "media"]);
    assert_eq!((&media["messages"], &media["media"]), (&0.into(), &2.into()));
    let both = ["backup", "restore", "--repo", &repo, "--only", "media", "--chat", "Mira"];
    computer.keepsake(&both).refused("bad_choice");
}

#[test]
fn snapshots_are_compared_and_counted() {
    let computer = Computer::new();
    let repo = two_chats(&computer);
    let diff = computer.keepsake(&["backup", "diff", "--repo", &repo, "1"]).succeeded();
    assert_eq!(
        (&diff["from"], &diff["to"], &diff["media_added"]),
        (&1.into(), &2.into(), &1.into())
    );
    assert_eq!(titles(&diff["chats"]), ["Noor"]);
    let stats = computer.keepsake(&["backup", "stats", "--repo", &repo]).succeeded();
    assert_eq!(
        (&stats["snapshots"], &stats["chats"], &stats["media"]),
        (&2.into(), &2.into(), &2.into())
    );
    assert!(stats["stored_bytes"].as_u64().unwrap() > 4_096);
}

#[test]
fn a_prune_says_first_what_would_go_and_keeps_what_a_rule_names() {
    let computer = Computer::new();
    let repo = two_chats(&computer);
    let prune =
        |more: &[&str]| computer.keepsake(&[&["backup", "prune", "--repo", &repo], more].concat());
    let snapshots = || {
        computer
            .keepsake(&["backup", "list", "--repo", &repo])
            .succeeded()
            .as_array()
            .unwrap()
            .len()
    };
    let would = prune(&["--keep", "1", "--dry-run"]).succeeded();
    assert_eq!((&would["dry_run"], &would["removed"]), (&true.into(), &serde_json::json!([1])));
    assert_eq!(snapshots(), 2);
    prune(&["--keep", "0"]).refused("no_policy");
    assert_eq!(prune(&["--keep-yearly", "3", "--keep", "2"]).succeeded()["snapshots_removed"], 0);
    let pruned = prune(&["--keep-daily", "7"]).succeeded();
    assert_eq!(pruned["kept"][0]["because"], serde_json::json!(["newest", "daily"]));
    assert_eq!((&pruned["snapshots_removed"], snapshots()), (&1.into(), 1));
    computer.keepsake(&["backup", "check", "--repo", &repo, "--read-data"]).succeeded();
}

#[test]
fn a_removed_offline_key_opens_the_backup_no_more() {
    let computer = Computer::new();
    let repo = two_chats(&computer);
    let (first, second) = (offline_key(&computer, &repo), offline_key(&computer, &repo));
    let list = ["backup", "offline-keys", "--repo", &repo];
    let keys = computer.keepsake(&list).succeeded();
    assert_eq!(keys.as_array().unwrap().len(), 2);
    let opens = |home: &str, key: &str| {
        computer.keepsake_at(
            home,
            &["backup", "restore", "--repo", &repo],
            &[("KEEPSAKE_OFFLINE_KEY", key)],
        )
    };
    for (n, key) in keys.as_array().unwrap().iter().enumerate() {
        assert!(key["made"].as_u64().unwrap() > 0);
        let id = key["id"].as_str().unwrap();
        computer.keepsake(&["backup", "remove-offline-key", "--repo", &repo, id]).succeeded();
        computer
            .keepsake(&["backup", "remove-offline-key", "--repo", &repo, id])
            .refused("not_found");
        assert_eq!(computer.keepsake(&list).succeeded().as_array().unwrap().len(), 1 - n);
    }
    opens("a", &first).refused("wrong_key");
    opens("a", &second).refused("wrong_key");
    computer.keepsake(&["backup", "check", "--repo", &repo]).succeeded();
}
