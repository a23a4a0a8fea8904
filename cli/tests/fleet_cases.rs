//! The published cases of honest and hostile fleets, through the command line: the same checks
//! refuse.
#![allow(clippy::unwrap_used)]

#[path = "../../crates/fleet-evidence/tests/support/laid_out.rs"]
mod laid_out;
mod support;

use laid_out::LaidOut;
use support::Computer;

/// Processes side by side.
const AT_ONCE: usize = 4;

#[test]
fn every_case_is_refused_by_the_checks_that_it_names() {
    let names = laid_out::all();
    let share = names.len().div_ceil(AT_ONCE);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let work: Vec<_> =
            names.chunks(share).map(|part| scope.spawn(|| judge_all(part))).collect();
        work.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_case_that_lacks_its_evidence_is_not_called_examined() {
    let computer = Computer::new();
    let case = LaidOut::new("honest", computer.path("case"));
    let (bundle, trust) = (case.path("bundle.json"), case.path("trust.json"));
    let report = computer
        .keepsake(&[
            "fleet",
            "verify",
            "--bundle",
            &bundle,
            "--trust",
            &trust,
            "--at",
            "1800000000",
        ])
        .succeeded();
    assert!(report["verdict"].as_str().unwrap().contains("evidence was not examined"), "{report}");
    assert!(report["verdict"].as_str().unwrap().starts_with("MOCK"));
}

#[test]
fn evidence_in_one_tar_file_is_judged_as_its_folder_is() {
    let computer = Computer::new();
    for (name, refused_by) in [("honest", None), ("file-changed", Some("E1"))] {
        let case = LaidOut::new(name, computer.path(name));
        let (bundle, trust, archive) =
            (case.path("bundle.json"), case.path("trust.json"), case.path("evidence.tar"));
        let made = std::process::Command::new("tar")
            .args(["-cf", &archive, "-C", &case.path("evidence"), "."])
            .status();
        assert!(made.unwrap().success());
        let at = ["--at", "1800000000", "--evidence", &archive];
        let ran = computer.keepsake(
            &[&["fleet", "verify", "--bundle", &bundle, "--trust", &trust][..], &at].concat(),
        );
        let failed =
            ran.json["checks"].as_array().unwrap().iter().filter(|c| c["outcome"] == "fail");
        assert!(failed.map(|c| c["id"].as_str().unwrap()).eq(refused_by), "{name}: {}", ran.json);
        assert_eq!(
            (ran.code, ran.json["evidence"]["source"].as_str()),
            (i32::from(refused_by.is_some()), Some(&*archive))
        );
    }
}

#[test]
fn a_file_that_is_no_archive_is_no_evidence() {
    let computer = Computer::new();
    let case = LaidOut::new("honest", computer.path("case"));
    let (bundle, trust) = (case.path("bundle.json"), case.path("trust.json"));
    let what = ["fleet", "verify", "--at", "1800000000", "--bundle", &bundle, "--trust", &trust];
    computer.keepsake(&[&what[..], &["--evidence", &trust]].concat()).refused("no_evidence");
}

#[test]
fn a_check_is_explained_and_an_unknown_one_is_not() {
    let computer = Computer::new();
    let told = computer.keepsake(&["fleet", "verify", "--explain", "e5"]).succeeded();
    assert_eq!(told["check"], "E5");
    assert!(told["text"].as_str().unwrap().contains("record"), "{told}");
    computer.keepsake(&["fleet", "verify", "--explain", "E99"]).refused("no_such_check");
}

fn judge_all(names: &[String]) -> Vec<String> {
    let computer = Computer::new();
    names.iter().filter_map(|name| judge(&computer, name)).collect()
}

fn judge(computer: &Computer, name: &str) -> Option<String> {
    let case = LaidOut::new(name, computer.path(name));
    let (at, bundle, trust) =
        (case.now.to_string(), case.path("bundle.json"), case.path("trust.json"));
    let evidence = case.path("evidence");
    let mut arguments =
        vec!["fleet", "verify", "--at", &at, "--bundle", &bundle, "--trust", &trust];
    arguments.extend(["--evidence", &evidence]);
    let extra: Vec<(&str, String)> =
        [("--seen", "seen.json"), ("--consistency", "consistency.json"), ("--history", "history")]
            .into_iter()
            .filter_map(|(flag, name)| Some((flag, case.if_there(name)?)))
            .collect();
    arguments.extend(extra.iter().flat_map(|(flag, path)| [*flag, path]));
    let ran = computer.keepsake(&arguments);
    let wrong_code = ran.code != i32::from(!case.refused_by.is_empty());
    case.objection(&ran.json)
        .or(wrong_code.then(|| format!("{name}: exit code {}\n{}", ran.code, ran.stderr)))
}
