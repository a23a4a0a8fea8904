//! A ceremony is stopped before each of its steps in turn.

use super::fleet::Fleet;
use operator::{OperatorError, OutFolder};
use std::cell::Cell;

/// Runs until `steps` steps are done, then stops as if the program had been killed; says whether it
/// was stopped.
fn stop_after(fleet: &Fleet, steps: usize) -> bool {
    let done = Cell::new(0);
    let watch = |out: &OutFolder, step: &str| {
        if done.replace(done.get() + 1) >= steps {
            return Err(OperatorError::Stopped);
        }
        out.note(step)
    };
    match fleet.run(&watch) {
        Err(OperatorError::Stopped) => true,
        Ok(_) => false,
        Err(e) => panic!("after {steps} steps: {e}"),
    }
}

fn note(out: &OutFolder, step: &str) -> Result<(), OperatorError> {
    out.note(step)
}

#[test]
fn a_ceremony_stopped_before_each_of_its_steps_still_convinces_a_verifier() {
    let fleet = Fleet::new(3);
    assert!(stop_after(&fleet, 0));
    let mut stops = 1;
    let bundle = loop {
        match fleet.resume(&one_step()) {
            Ok(bundle) => break bundle,
            Err(OperatorError::Stopped) => stops += 1,
            Err(e) => panic!("after {stops} stops: {e}"),
        }
    };
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
    // 3 resets, 3 * 3 options, 3 * 2 logins, 3 * 4 keys and the fleet key, cloning as one, 3 * 5
    // attestations, 3 * 2 deletions, and 3 statements, which are made anew together.
    assert_eq!(stops, 3 + 9 + 6 + 13 + 1 + 15 + 6 + 1);
}

/// Lets one step through, then stops; copying the fleet key and the statements are one step each.
fn one_step() -> impl Fn(&OutFolder, &str) -> Result<(), OperatorError> {
    let done = Cell::new(false);
    move |out, step| {
        let within = ["put wrap key", "export fleet key", "import fleet key", "state the end"];
        let goes_on = within.iter().any(|w| step.contains(w)) && !step.ends_with("(export only)");
        let first_statement = step.contains("1001: state the end");
        if done.replace(true) && (!goes_on || first_statement) {
            return Err(OperatorError::Stopped);
        }
        out.note(step)
    }
}

#[test]
fn a_ceremony_stopped_while_the_fleet_key_is_copied_must_start_over() {
    // 31 steps come before the first wrap key; then put, put, export, import, put, export, import.
    for steps in 32..=37 {
        let fleet = Fleet::new(3);
        assert!(stop_after(&fleet, steps));
        let refused = fleet.resume(&note).unwrap_err();
        assert!(
            matches!(refused, OperatorError::StartOver { .. }),
            "after {steps} steps: {refused}"
        );
        if steps == 37 {
            let bundle = fleet.start_over(&note).unwrap();
            assert_eq!(fleet.refusals(&bundle), [""; 0]);
        }
    }
}

#[test]
fn a_device_that_restarts_in_between_is_no_reason_to_start_over() {
    let fleet = Fleet::new(3);
    assert!(stop_after(&fleet, 20));
    fleet.devices.iter().for_each(|d| d.emulator.power_cycle().unwrap());
    let bundle = fleet.resume(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
}

#[test]
fn a_step_that_is_no_part_of_the_ceremony_means_starting_over() {
    let fleet = Fleet::new(3);
    assert!(stop_after(&fleet, 14));
    let address = yubihsm_device::ConnectorAddress::parse(&fleet.devices[0].running.url()).unwrap();
    let session = yubihsm_device::OperatorSession::open_default(&address).unwrap();
    let foreign =
        yubihsm_device::objects::KeySpec { id: 0x0999, label: "foreign", capabilities: 1 << 7 };
    session.generate_key(&foreign, 1, foreign.label).unwrap();
    let refused = fleet.resume(&note).unwrap_err();
    assert!(matches!(refused, OperatorError::StartOver { serial: 1001, .. }), "{refused}");
    let bundle = fleet.start_over(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
}
