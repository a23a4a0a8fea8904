//! Features that a package must not have when it is built by itself, as a program for release is. A
//! build of the whole workspace has the features of all its packages, so `cargo metadata` cannot
//! tell.

use super::table::{OPERATORS, SERVING};
use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn no_serving_site_has_what_only_an_operator_does() {
    for package in SERVING {
        let built = features_in(package);
        for (of, feature) in OPERATORS {
            let has = built.contains(&(of.to_string(), feature.to_string()));
            assert!(!has, "arrow 10: {package} is built with {of}, feature {feature}");
        }
    }
}

#[test]
fn the_operators_own_program_is_seen_to_have_it() {
    let built = features_in("operator");
    for (of, feature) in OPERATORS {
        assert!(built.contains(&(of.to_string(), feature.to_string())), "{of}, feature {feature}");
    }
}

/// Every package that `package` is built with, itself included, and each of its features.
fn features_in(package: &str) -> BTreeSet<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}|{f}",
            "--package",
            package,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('|'));
    lines.flat_map(|(named, features)| of_line(named, features)).collect()
}

/// `name v0.1.0 (/folder)` and `one,two`, which may be followed by ` (*)`.
fn of_line(named: &str, features: &str) -> Vec<(String, String)> {
    let name = named.split(' ').next().unwrap_or_default();
    let features = features.trim_end_matches(" (*)");
    features.split(',').map(|feature| (name.to_string(), feature.to_string())).collect()
}
