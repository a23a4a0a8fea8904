use super::people::{Computer, failed, index_of};
use super::publisher::Publisher;
use super::trust_fleet::Fleet;
use serde_json::json;

/// A valid point of P-256 that belongs to nobody here: the base point.
const STRANGERS_KEY: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

#[test]
fn lying_publishers_are_caught() {
    let fleet = Fleet::up();
    let person = Computer::new(&fleet);
    let url = fleet.url();

    // Everything is in order: signatures, log, evidence, and every running site.
    let report = person.verify(&url).succeeded();
    assert!(
        report["mock"] == true && report["verdict"].as_str().unwrap().starts_with("MOCK"),
        "{report}"
    );
    for check in ["B4", "E4", "E13", "C1", "C2", "C3"] {
        assert_eq!(
            report["checks"][index_of(&report, check)]["outcome"],
            "pass",
            "{check}: {report:#}"
        );
    }
    // Until an evaluation was made there is nothing to count; now there is.
    let code = person.enroll(&url);
    let report = person.verify(&url).succeeded();
    let counted = report["checks"][index_of(&report, "C2")].clone();
    assert_eq!(counted["outcome"], "pass");
    assert!(counted["technical"].as_str().unwrap().contains("1 certified tries"), "{counted}");

    // Substituted fleet key.
    let mut forged = fleet.published_bundle("latest");
    forged["bundle"]["fleet_key"] = json!(STRANGERS_KEY);
    let liar = Publisher::with(&fleet, &[("bundles/latest", &forged)]);
    for who in [&person, &Computer::new(&fleet)] {
        assert!(failed(&who.verify(&liar.url(&url)).refused()).contains(&"B1".into()));
    }
    // Another party's trust document under this fleet's address.
    let mut trust = fleet.published("trust.json");
    trust["auditor_key"] = trust["operator_key"].clone();
    let liar = Publisher::with(&fleet, &[("trust.json", &trust)]);
    let ran = Computer::new(&fleet).verify(&liar.url(&url));
    assert_eq!(
        (ran.code, &ran.json["error"]["code"]),
        (1, &json!("fleet_refused")),
        "{}",
        ran.stderr
    );

    // Epoch 2; then the old bundle again.
    let old = fleet.published_bundle("latest");
    let fork = fleet.copy_auditor();
    fleet.publish_epoch(2, "moved", &report["bundle"], &fleet.auditor());
    person.verify(&url);
    let liar = Publisher::with(&fleet, &[("bundles/latest", &old)]);
    assert!(failed(&person.verify(&liar.url(&url)).refused()).contains(&"B6".into()));

    // Two views: the auditor signs another epoch 2 and shows each person one of them.
    fleet.publish_epoch(2, "elsewhere", &report["bundle"], &fork);
    let other_view = Publisher::of(&fork.join("public"));
    let other = Computer::new(&fleet);
    let evidence = fork.join("public/evidence/2").to_str().unwrap().to_string();
    let shown = [
        "fleet",
        "verify",
        "--bundle",
        &other_view.url(&url),
        "--evidence",
        &evidence,
        "--live",
        "no",
    ];
    other.run(&shown).succeeded();
    for (who, view) in [(&person, other_view.url(&url)), (&other, url.clone())] {
        let refused = failed(&who.verify(&view).refused());
        assert!(refused.contains(&"B5".into()) && refused.contains(&"B6".into()), "{refused:?}");
    }

    // A lie costs nothing: with the honest publisher everything goes on.
    fleet.restart_sites();
    person.with_code(&code, &["vault", "drill"]).succeeded();
}
