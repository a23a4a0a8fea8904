//! Ceremonies from beginning to end.

use super::fleet::{Fleet, go_on, note, read_json, site};
use super::support::Device;
use fleet_evidence::device_profile::{
    FLEET_KEY, OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY, WRAP_KEY,
};
use hsm_mock::{Config, Firmware};
use operator::OperatorError;
use operator::ceremony::{begin_and_run, dry_run};
use vault_protocol::SiteIndex;
use yubihsm_device::objects::ObjectType;
use yubihsm_device::{AuthKey, ConnectorAddress, HsmError, OperatorSession};

fn address(fleet: &Fleet, i: usize) -> ConnectorAddress {
    ConnectorAddress::parse(&fleet.devices[i].running.url()).unwrap()
}

fn login(fleet: &Fleet, i: usize, id: u16) -> OperatorSession {
    let name = if id == STATEMENT_AUTH_KEY { "statement-auth.key" } else { "hsm-auth.key" };
    let key = AuthKey::read(&fleet.out.site(SiteIndex(i as u8 + 1), name)).unwrap();
    OperatorSession::open(&address(fleet, i), id, &key).unwrap()
}

#[test]
fn a_ceremony_of_three_convinces_a_verifier() {
    let fleet = Fleet::new(3);
    let bundle = fleet.run(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
}

#[test]
fn a_ceremony_of_five_convinces_a_verifier_and_exports_four_times() {
    let fleet = Fleet::new(5);
    let bundle = fleet.run(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
    let exports = |serial: u32| {
        let log = read_json(&fleet.out.evidence().join(format!("devices/{serial}/audit-log.json")));
        let is_export = |e: &&serde_json::Value| &e.as_str().unwrap()[4..6] == "4a";
        log["entries"].as_array().unwrap().iter().filter(is_export).count()
    };
    assert_eq!((1001..=1005).map(exports).collect::<Vec<_>>(), [4, 0, 0, 0, 0]);
}

#[test]
fn no_administrator_survives() {
    let fleet = Fleet::new(3);
    fleet.run(&note).unwrap();
    for i in 0..3 {
        let refused = OperatorSession::open_default(&address(&fleet, i)).err();
        assert!(matches!(refused, Some(HsmError::WrongAuthKey(1))), "{refused:?}");
        for id in [OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY] {
            let mut session = login(&fleet, i, id);
            assert!(session.fix_force_audit().is_err());
            assert!(session.put_wrap_key(&zeroize::Zeroizing::new([1; 32]), 1 << 12).is_err());
            assert!(session.delete(FLEET_KEY, ObjectType::AsymmetricKey).is_err());
        }
    }
}

#[test]
fn the_fleet_key_cannot_be_exported_afterwards() {
    let fleet = Fleet::new(3);
    fleet.run(&note).unwrap();
    for i in 0..3 {
        let mut session = login(&fleet, i, OPERATIONAL_AUTH_KEY);
        assert!(session.export_fleet_key().is_err());
        assert!(session.object(WRAP_KEY, ObjectType::WrapKey.code()).is_err());
    }
}

#[test]
fn the_transcript_names_every_step_and_no_secret() {
    let fleet = Fleet::new(3);
    fleet.run(&note).unwrap();
    let transcript = std::fs::read_to_string(fleet.out.evidence().join("transcript.txt")).unwrap();
    for step in ["factory reset", "generate 0x0101", "import fleet key", "delete default login"] {
        assert!(transcript.contains(step), "{step}");
    }
    for site in 1..=3 {
        for name in ["hsm-auth.key", "statement-auth.key"] {
            let key = std::fs::read_to_string(fleet.out.site(SiteIndex(site), name)).unwrap();
            assert!(!transcript.contains(key.trim()));
        }
    }
}

#[test]
fn a_device_that_holds_something_is_refused_unless_the_plan_resets() {
    let mut fleet = Fleet::new(3);
    let session = OperatorSession::open_default(&address(&fleet, 1)).unwrap();
    session.generate_key(&yubihsm_device::objects::OPRF, 1, "somebody's key").unwrap();
    fleet.plan.reset = false;
    let refused = begin_and_run(&fleet.plan, &fleet.out, &fleet.site_program, &go_on).unwrap_err();
    assert!(
        matches!(&refused, OperatorError::NotFactory { serial: 1002, reasons } if reasons.contains("somebody's key")),
        "{refused}"
    );
    assert!(matches!(dry_run(&fleet.plan), Err(OperatorError::NotFactory { serial: 1002, .. })));
    fleet.plan.reset = true;
    assert!(dry_run(&fleet.plan).unwrap()[1].contains("ERASED"));
}

#[test]
fn fresh_devices_need_no_reset() {
    let mut fleet = Fleet::new(3);
    fleet.plan.reset = false;
    let bundle = fleet.run(&note).unwrap();
    assert_eq!(fleet.refusals(&bundle), [""; 0]);
}

#[test]
fn another_device_than_the_planned_one_is_refused() {
    let mut fleet = Fleet::new(3);
    fleet.plan.sites[0].serial = 4242;
    let refused = begin_and_run(&fleet.plan, &fleet.out, &fleet.site_program, &go_on).unwrap_err();
    assert!(
        matches!(refused, OperatorError::WrongDevice { expected: 4242, found: 1001, .. }),
        "{refused}"
    );
}

#[test]
fn devices_of_a_finished_fleet_cannot_be_used_again_without_a_hand() {
    let fleet = Fleet::new(3);
    fleet.run(&note).unwrap();
    let again = operator::OutFolder::new(&fleet.out.path().with_extension("again"));
    let refused = begin_and_run(&fleet.plan, &again, &fleet.site_program, &go_on).unwrap_err();
    assert!(
        matches!(&refused, OperatorError::NotFactory { reasons, .. } if reasons.contains("by hand")),
        "{refused}"
    );
}

#[test]
fn a_device_with_old_firmware_is_refused_before_anything_is_done() {
    let mut fleet = Fleet::new(3);
    fleet.devices[2] = Device::with(Config::new(1003).with_firmware(Firmware::V2_2_0));
    fleet.plan.sites[2] = site(&fleet.devices[2], 3);
    let refused = dry_run(&fleet.plan).unwrap_err();
    assert!(matches!(refused, OperatorError::OldFirmware { serial: 1003, .. }), "{refused}");
}

#[test]
fn the_devices_own_log_goes_on_where_the_published_one_ends() {
    let fleet = Fleet::new(3);
    fleet.run(&note).unwrap();
    for i in 0..3 {
        let head =
            read_json(&fleet.out.site(SiteIndex(i as u8 + 1), "device.json"))["log_head"]["number"]
                .clone();
        let next = login(&fleet, i, OPERATIONAL_AUTH_KEY).read_log().unwrap().entries;
        assert_eq!(head.as_u64().unwrap() + 1, u64::from(next[0].number));
        let statement: Vec<u8> = next.iter().map(|e| e.command).collect();
        assert_eq!(statement, [0x46, 0x64, 0x58]);
    }
}

#[test]
fn a_changed_plan_is_another_ceremony() {
    let mut fleet = Fleet::new(3);
    fleet.run(&note).unwrap();
    fleet.plan.epoch = 1;
    fleet.plan.not_after += 1;
    assert!(matches!(fleet.resume(&note), Err(OperatorError::Folder(_))));
    assert!(matches!(
        begin_and_run(&fleet.plan, &fleet.out, &fleet.site_program, &note),
        Err(OperatorError::Folder(_))
    ));
}
