//! The site's program holds nothing that only an operator may do: no export of the fleet key, no
//! reset, no login but its own. `tests/arrows` looks at what it is built from; here is the program
//! itself.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn the_program_has_no_function_of_an_operators_session() {
    let listed = Command::new("nm").arg(env!("CARGO_BIN_EXE_vault-server")).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let symbols = String::from_utf8(listed.stdout).unwrap();
    assert!(symbols.contains("SiteSession"), "the program has no symbols to look at");
    let deeds: Vec<&str> =
        symbols.lines().filter(|line| line.contains("OperatorSession")).collect();
    assert!(deeds.is_empty(), "{deeds:#?}");
}
