use super::people::{Computer, index_of};
use super::trust_fleet::{Fleet, programs};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

/// A site of its own making, run to its end: it does not get as far as serving.
fn node(config: &Path) -> Output {
    Command::new(programs().join("vault-server"))
        .arg("node")
        .arg("--config")
        .arg(config)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_the_ceremonys_computer_kept_opens_nothing() {
    let fleet = Fleet::up();
    let person = Computer::new(&fleet);
    let report = person.verify(&fleet.url()).succeeded();
    let check: &Value = &report["checks"][index_of(&report, "C3")];
    assert_eq!(check["outcome"], "pass", "{check}");
    assert!(
        check["plain"].as_str().unwrap().contains("once, before it used its device"),
        "{check}"
    );

    // Whoever has the ceremony's folder, and reaches the device, sets up a site of his own on it.
    let thief = fleet.path("thief");
    std::fs::create_dir(&thief).unwrap();
    let mut config = fleet.site_config("1");
    config["state_dir"] = json!(thief.join("state"));
    (config["listen"], config["peer_listen"]) = (json!("127.0.0.1:0"), json!("127.0.0.1:0"));
    std::fs::write(thief.join("site.json"), config.to_string()).unwrap();
    let refused = said(&node(&thief.join("site.json")));
    assert!(refused.contains("accepts neither the ceremony's key for login 0x0201"), "{refused}");

    // A site whose own keys are lost says so, and goes on when they are back.
    fleet.kill_site(1);
    let (logins, aside) = (fleet.path("fleet/sites/1/state/logins"), fleet.path("logins-aside"));
    std::fs::rename(&logins, &aside).unwrap();
    let refused = said(&node(&fleet.path("fleet/sites/1/site.json")));
    assert!(refused.contains("put that folder back from its newest copy"), "{refused}");
    let _ = std::fs::remove_dir_all(&logins);
    std::fs::rename(&aside, &logins).unwrap();
    fleet.start_site(1);
    assert_eq!(person.verify(&fleet.url()).succeeded()["trusted"], true);
}
