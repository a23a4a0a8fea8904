//! What the command line refuses about fleets and codes, with no fleet running.
#![allow(clippy::unwrap_used)]

mod support;

use support::Computer;

#[test]
fn a_fleet_without_a_pin_is_refused() {
    let computer = Computer::new();
    let enroll = ["vault", "enroll", "--fleet", "http://127.0.0.1:9"];
    computer.keepsake(&enroll).refused("fleet_not_pinned");
}

#[test]
fn a_fleet_over_plain_http_elsewhere_is_refused() {
    let computer = Computer::new();
    let url = format!("http://fleet.example#sha256={}", "0".repeat(64));
    computer.keepsake(&["vault", "enroll", "--fleet", &url]).refused("fleet_refused");
}

#[test]
fn a_fleet_that_cannot_be_reached_is_named() {
    let computer = Computer::new();
    let url = format!("http://127.0.0.1:9#sha256={}", "0".repeat(64));
    let said = computer.keepsake(&["vault", "enroll", "--fleet", &url]).refused("unreachable");
    assert!(said.contains("127.0.0.1:9"), "{said}");
}

#[test]
fn without_a_code_there_is_nothing_to_drill_or_rotate() {
    let computer = Computer::new();
    for command in ["drill", "rotate-code", "status", "events"] {
        computer.keepsake(&["vault", command]).refused("not_enrolled");
    }
}

#[test]
fn a_backup_without_a_code_cannot_be_recovered_with_one() {
    let computer = Computer::new();
    let repo = computer.backed_up();
    let recover = ["vault", "recover", "--repo", &repo];
    computer
        .keepsake_at("new", &recover, &[("KEEPSAKE_RECOVERY_CODE", "0000-0000-0000-0000")])
        .refused("no_way_in");
}

#[test]
fn usage_errors_end_with_2() {
    let computer = Computer::new();
    assert_eq!(computer.keepsake(&["vault", "enroll"]).code, 2);
    assert_eq!(computer.keepsake(&["nonsense"]).code, 2);
    let ran = computer.keepsake(&["backup", "create"]);
    assert_eq!((ran.code, &ran.json["error"]["code"]), (2, &"usage".into()));
}

#[test]
fn a_trust_document_that_is_not_there_is_named() {
    let computer = Computer::new();
    let said = computer
        .keepsake(&["fleet", "verify", "--bundle", &computer.text("none.json")])
        .refused("not_found");
    assert!(said.contains("none.json"), "{said}");
}
