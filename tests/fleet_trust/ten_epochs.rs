use super::people::{Computer, failed};
use super::publisher::Publisher;
use super::trust_fleet::Fleet;
use serde_json::json;

#[test]
fn ten_epochs_later_the_client_catches_up_and_the_code_still_works() {
    let fleet = Fleet::up();
    let url = fleet.url();
    let (person, witness) = (Computer::new(&fleet), Computer::new(&fleet));
    let first = person.verify(&url).succeeded()["bundle"].clone();
    let code = person.enroll(&url);

    let mut previous = first;
    for epoch in 2..=11 {
        previous =
            fleet.publish_epoch(epoch, &format!("region-{epoch}"), &previous, &fleet.auditor());
    }
    // The sites change over one by one: while a majority serves one epoch, nobody is turned away
    // for long.
    fleet.restart_sites();
    let report = person.verify(&url).succeeded();
    assert_eq!((&report["epoch"], &report["bundle"]), (&json!(11), &previous));
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 10, "{report:#}");
    assert!(changes[9]["text"].to_string().contains("region-11"), "{report:#}");
    person.with_code(&code, &["vault", "drill"]).succeeded();
    assert_eq!(person.run(&["vault", "rotate-code"]).succeeded()["version"], 2);

    // The whole history, for somebody who was never here before.
    let history = witness.run(&["fleet", "history", "--fleet", &url]).succeeded();
    let epochs = history["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 11);
    assert!(epochs.iter().all(|e| e["keys_since"] == 1 && e["revoked"] == false), "{history:#}");
    assert!(
        epochs[10]["changes"].to_string().contains("region-11 (https://localhost:"),
        "{history:#}"
    );

    // A publisher whose copy is behind: a site's newer bundle is verified and taken.
    let behind = fleet.published_bundle("10");
    let stale = Publisher::with(&fleet, &[("bundles/latest", &behind)]);
    assert_eq!(Computer::new(&fleet).verify(&stale.url(&url)).succeeded()["epoch"], 11);

    // Keys that are in use cannot be revoked without new ones.
    assert!(fleet.renew(12, "region-12", &previous, &[1]).contains("revoked"));

    // Damaged evidence stops enrolling and the way back, until it verifies again.
    let file = fleet.auditor().join("public/evidence/11/devices/1002/objects.json");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, b"[]").unwrap();
    let newcomer = Computer::new(&fleet);
    let refused = newcomer.run(&["vault", "enroll", "--fleet", &url]).refused();
    assert_eq!(refused["error"]["code"], "evidence_refused", "{refused}");
    assert!(failed(&person.verify(&url).refused()).contains(&"E1".into()));
    let refused = person.run(&["vault", "status"]).refused();
    assert_eq!(refused["error"]["code"], "evidence_refused", "{refused}");
    std::fs::write(&file, whole).unwrap();
    person.verify(&url).succeeded();
    person.run(&["vault", "status"]).succeeded();
    newcomer.enroll(&url);
}
