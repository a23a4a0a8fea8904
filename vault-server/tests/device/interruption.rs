//! A ceremony is stopped before each of its steps in turn.

use super::fleet::Fleet;
use std::cell::Cell;
use vault_server::ceremony::{CeremonyError, OutFolder};

/// Runs until `steps` steps are done, then stops as if the program had been killed; says whether it was stopped.
fn stop_after(fleet: &Fleet, steps: usize) -> bool {
    let done = Cell::new(0);
    let watch = |out: &OutFolder, step: &str| {
        if done.replace(done.get() + 1) >= steps {
            return Err(CeremonyError::Stopped);
        }
        out.note(step)
    };
    match fleet.run(&watch) {
        Err(CeremonyError::Stopped) => true,
        Ok(_) => false,
        Err(e) => panic!("after {steps} steps: {e}"),
    }
}

#[test]
fn a_ceremony_stopped_anywhere_goes_on_or_says_that_it_must_start_over() {
    let note = |out: &OutFolder, step: &str| out.note(step);
    let (mut resumed, mut restarted) = (0, 0);
    for steps in 0.. {
        let fleet = Fleet::new(3);
        if !stop_after(&fleet, steps) {
            break;
        }
        let bundle = match fleet.resume(&note) {
            Ok(bundle) => {
                resumed += 1;
                bundle
            }
            Err(CeremonyError::StartOver { .. }) => {
                restarted += 1;
                fleet.start_over(&note).unwrap()
            }
            Err(e) => panic!("resumed after {steps} steps: {e}"),
        };
        assert_eq!(fleet.refusals(&bundle), [""; 0], "stopped after {steps} steps");
    }
    // Between the first wrap key and the last import: 2 (put, put) + 2 (export, import) + 1 (put) + 2 - 1 first step.
    assert_eq!(restarted, 6);
    assert!(resumed > 30, "{resumed}");
}

#[test]
fn a_device_that_restarts_in_between_is_no_reason_to_start_over() {
    let fleet = Fleet::new(3);
    assert!(stop_after(&fleet, 20));
    fleet.devices.iter().for_each(|d| d.emulator.power_cycle().unwrap());
    let note = |out: &OutFolder, step: &str| out.note(step);
    let bundle = fleet.resume(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
}

#[test]
fn a_step_that_is_no_part_of_the_ceremony_means_starting_over() {
    let fleet = Fleet::new(3);
    assert!(stop_after(&fleet, 14));
    let address = vault_server::hsm::ConnectorAddress::parse(&fleet.devices[0].running.url()).unwrap();
    let session = vault_server::hsm::admin::AdminSession::open_default(&address).unwrap();
    let foreign = vault_server::hsm::objects::KeySpec { id: 0x0999, label: "foreign", capabilities: 1 << 7 };
    session.generate_key(&foreign, 1, foreign.label).unwrap();
    let note = |out: &OutFolder, step: &str| out.note(step);
    let refused = fleet.resume(&note).unwrap_err();
    assert!(matches!(refused, CeremonyError::StartOver { serial: 1001, .. }), "{refused}");
    let bundle = fleet.start_over(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
}
