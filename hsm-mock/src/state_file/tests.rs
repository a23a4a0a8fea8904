use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::objects::Object;
use crate::rng::DeviceRng;

fn rng() -> DeviceRng {
    DeviceRng::from_seed(1, 2, 3)
}

fn state() -> State {
    State::new(7, Firmware::V2_4_0, false, &mut rng()).unwrap()
}

/// What a state says, whether saved or not.
fn content(state: &State) -> String {
    let mut state = state.clone();
    state.saved();
    format!("{state:?}")
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.db");
    (folder, path)
}

#[test]
fn a_state_reads_back_as_written_and_only_its_owner_may_read_it() {
    let (_folder, path) = folder();
    let mut file = StateFile::open(&path).unwrap();
    assert!(file.load(Firmware::V2_4_0).unwrap().is_none());
    let mut state = state();
    file.save(&mut state).unwrap();
    state.objects.insert(Object::filler(), &mut rng()).unwrap();
    state.log.record_boot(false);
    state.options.set_commands(&[0x57, 2]).unwrap();
    file.save(&mut state).unwrap();
    assert!(!state.is_changed());
    drop(file);
    let file = StateFile::open(&path).unwrap();
    let loaded = file.load(Firmware::V2_4_0).unwrap().unwrap();
    assert_eq!(content(&loaded), content(&state));
    for name in ["device.db", "device.db-wal", "device.db.lock"] {
        let mode = std::fs::metadata(path.with_file_name(name)).map(|m| m.permissions().mode());
        assert!(mode.is_err() || mode.unwrap() & 0o777 == 0o600, "{name}");
    }
}

#[test]
fn what_is_deleted_stays_deleted_and_ids_go_on_counting() {
    let (_folder, path) = folder();
    let mut file = StateFile::open(&path).unwrap();
    let mut state = state();
    let filler = Object { id: 7, ..Object::filler() };
    let kind = filler.kind;
    state.objects.insert(filler.clone(), &mut rng()).unwrap();
    file.save(&mut state).unwrap();
    state.objects.remove_in(0xffff, kind, 7).unwrap();
    file.save(&mut state).unwrap();
    let mut loaded = file.load(Firmware::V2_4_0).unwrap().unwrap();
    assert!(loaded.objects.get(kind, 7).is_err());
    loaded.objects.insert(filler, &mut rng()).unwrap();
    assert_eq!(loaded.objects.get(kind, 7).unwrap().sequence, 1);
    state.reset(&mut rng());
    file.save(&mut state).unwrap();
    let loaded = file.load(Firmware::V2_4_0).unwrap().unwrap();
    assert_eq!(content(&loaded), content(&state), "a factory reset");
}

#[test]
fn two_processes_cannot_be_one_device() {
    let (_folder, path) = folder();
    let _held = StateFile::open(&path).unwrap();
    assert!(matches!(StateFile::open(&path), Err(Error::StateInUse { .. })));
}

#[test]
fn a_newer_state_is_not_taken_back() {
    let (_folder, path) = folder();
    let mut file = StateFile::open(&path).unwrap();
    file.save(&mut state()).unwrap();
    let older = file.load(Firmware::V2_3_1).unwrap_err();
    assert!(older.to_string().contains("--firmware 2.4.0"), "{older}");
    assert!(file.load(Firmware::V2_5_0).unwrap().is_some());
}

#[test]
fn a_file_of_another_kind_is_left_alone() {
    let (_folder, path) = folder();
    for content in [&b"{\"format\":\"keepsake/hsm-mock-state/v1\"}"[..], &[7; 5000]] {
        std::fs::write(&path, content).unwrap();
        assert!(matches!(StateFile::open(&path), Err(Error::StateFormat { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_damaged_log_is_noticed() {
    let (_folder, path) = folder();
    let mut file = StateFile::open(&path).unwrap();
    let mut state = state();
    state.log.record_boot(false);
    file.save(&mut state).unwrap();
    let mut log = state.log.to_bytes();
    log[70] ^= 1;
    file.connection.execute("UPDATE device SET log = ?1", [log]).unwrap();
    let error = file.load(Firmware::V2_4_0).unwrap_err();
    assert!(matches!(error, Error::StateDamaged { .. }), "{error}");
}

#[test]
fn temporary_files_of_killed_earlier_versions_are_removed_and_others_are_not() {
    let (folder, path) = folder();
    let leftover = folder.path().join(".tmpAb12Cd");
    let other = folder.path().join(".tmpZZZZZZ");
    std::fs::write(&leftover, br#"{"format":"keepsake/hsm-mock-state/v1","sta"#).unwrap();
    std::fs::write(&other, b"somebody else's").unwrap();
    StateFile::open(&path).unwrap();
    assert!(!leftover.exists() && other.exists());
}
