use super::new_devices::NewDevices;
use super::people::{Computer, failed};
use super::publisher::Publisher;
use super::trust_fleet::Fleet;
use serde_json::{Value, json};

/// Keys were stolen: the fleet goes on with new devices, and the old keys are revoked.
#[test]
fn after_new_keys_people_are_led_to_a_new_code() {
    let fleet = Fleet::up();
    let url = fleet.url();
    let person = Computer::new(&fleet);
    let first = person.verify(&url).succeeded()["bundle"].clone();
    let old_code = person.enroll(&url);
    let backup = fleet.path("backup").to_str().unwrap().to_string();
    person.run(&["backup", "create", "--repo", &backup]).succeeded();
    let epoch_1 = fleet.published_bundle("latest");

    fleet.stop_sites();
    let _new = NewDevices::take_over(&fleet, &first);

    // The program that enrolled in epoch 1 verifies epoch 2, and says who came, who left, and what
    // it means.
    let report = person.verify(&url).succeeded();
    assert_eq!(report["epoch"], 2);
    let changes = report["changes"].to_string();
    for (old, new) in [(1001, 2001), (1002, 2002), (1003, 2003)] {
        assert!(
            changes.contains(&format!("device {new} in"))
                && changes.contains(&format!("device {old} in"))
        );
    }
    for sentence in ["joined", "left", "the fleet has a new key", "keys of epoch 1 are revoked"] {
        assert!(changes.contains(sentence), "{sentence}: {changes}");
    }
    assert!(
        report["next"].as_str().unwrap().contains("make a new code on the Recovery page"),
        "{report:#}"
    );

    // Whatever the owner does with the old code, the answer is the same and no try is spent.
    assert!(told(&person)["warning"].as_str().unwrap().contains("no longer used"));
    for command in
        [["vault", "status"], ["vault", "events"], ["vault", "drill"], ["vault", "rotate-code"]]
    {
        refuses_old_keys(&person.with_code(&old_code, &command).refused());
    }
    let elsewhere = Computer::new(&fleet);
    let recover = ["vault", "recover", "--repo", &backup, "--fleet", &url];
    refuses_old_keys(&elsewhere.with_code(&old_code, &recover).refused());

    // The way forward: enrol anew. The backup follows, and opens elsewhere with the new code.
    let new_code = person.enroll(&url);
    assert_eq!(told(&person)["warning"], Value::Null);
    assert_eq!(person.verify(&url).succeeded()["next"], "");
    person.with_code(&new_code, &["vault", "drill"]).succeeded();
    let refused = person.with_code(&old_code, &["vault", "drill"]).refused();
    assert_eq!(refused["error"]["code"], "wrong_code");
    elsewhere.with_code(&new_code, &recover).succeeded();

    // Who was never here sees epoch 2, and that epoch 1 is over.
    let newcomer = Computer::new(&fleet);
    assert_eq!(newcomer.verify(&url).succeeded()["epoch"], 2);
    let history = newcomer.run(&["fleet", "history", "--fleet", &url]).succeeded();
    let epochs: Vec<_> = history["epochs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["keys_since"], &e["revoked"]))
        .collect();
    assert_eq!(epochs, [(&json!(1), &json!(true)), (&json!(2), &json!(false))]);
    let code = newcomer.enroll(&url);
    newcomer.with_code(&code, &["vault", "drill"]).succeeded();

    // Epoch 1 once more: refused by all who saw epoch 2; and who did not finds none of its sites.
    let replay = Publisher::with(&fleet, &[("bundles/latest", &epoch_1)]);
    for who in [&person, &newcomer] {
        assert!(failed(&who.verify(&replay.url(&url)).refused()).contains(&"B6".into()));
    }
    let misled = Computer::new(&fleet);
    let refused = misled.run(&["vault", "enroll", "--fleet", &replay.url(&url)]).refused();
    assert_eq!(refused["error"]["code"], "too_few_sites", "{refused}");

    // Back to the revoked keys: such a bundle has no form in which anyone would take it.
    let mut back = fleet.published_bundle("latest");
    (back["bundle"]["keys_since"], back["bundle"]["fleet_key"]) =
        (json!(1), epoch_1["bundle"]["fleet_key"].clone());
    let liar = Publisher::with(&fleet, &[("bundles/latest", &back)]);
    for who in [&person, &Computer::new(&fleet)] {
        assert!(failed(&who.verify(&liar.url(&url)).refused()).contains(&"B0".into()));
    }
}

fn told(person: &Computer) -> Value {
    person.run(&["status"]).succeeded()["vault"].clone()
}

#[track_caller]
fn refuses_old_keys(refused: &Value) {
    let error = &refused["error"];
    assert_eq!(error["code"], "old_keys", "{refused}");
    assert!(
        error["happened"].as_str().unwrap().contains("keys of epoch 1 were revoked"),
        "{refused}"
    );
    assert!(error["safe"].as_str().unwrap().contains("No try was spent"), "{refused}");
    assert_eq!(error["command"], "keepsake vault enroll --fleet URL", "{refused}");
}
