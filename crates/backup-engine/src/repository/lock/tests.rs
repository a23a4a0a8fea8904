use super::*;
use crate::port::Unobserved;
use crate::store::MemoryStore;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// A clock that only waiting moves, and what happens meanwhile.
struct Slow {
    now: Mutex<u64>,
    meanwhile: Box<dyn Fn(u64) + Send + Sync>,
}

impl Pace for Slow {
    fn unix_now(&self) -> u64 {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap();
        *now += duration.as_secs();
        (self.meanwhile)(*now);
    }
}

const NOW: u64 = 1_800_000_000;

fn pace(meanwhile: impl Fn(u64) + Send + Sync + 'static) -> Arc<dyn Pace> {
    Arc::new(Slow { now: Mutex::new(NOW), meanwhile: Box::new(meanwhile) })
}

fn take(store: &Arc<dyn Store>, pace: &Arc<dyn Pace>, wait: u64) -> Result<Lock, BackupError> {
    let wait = Duration::from_secs(wait);
    Lock::acquire(store.clone(), &Wish { computer: "lap", wait, observer: &Unobserved, pace })
}

/// On a computer whose processes cannot be looked for.
fn elsewhere(renewed: u64) -> Holder {
    Holder { boot: None, computer: "desk".into(), ..Holder::new("", renewed) }
}

fn held_by(holder: &Holder) -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    store.put(PATH, &holder.to_bytes()).unwrap();
    store
}

#[test]
fn one_at_a_time_and_free_again_after() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let pace = pace(|_| {});
    let first = take(&store, &pace, 0).unwrap();
    let refused = take(&store, &pace, 0).err();
    assert!(matches!(refused, Some(BackupError::Locked { computer, .. }) if computer == "lap"));
    drop(first);
    assert!(take(&store, &pace, 0).is_ok());
    assert!(!store.exists(PATH).unwrap());
}

#[test]
fn a_process_that_ended_on_this_computer_holds_nothing() {
    let gone = Holder { process: u32::MAX, ..Holder::new("desk", NOW) };
    assert!(take(&held_by(&gone), &pace(|_| panic!("nothing to wait for")), 0).is_ok());
}

#[test]
fn who_shows_no_life_loses_the_lock_whatever_the_clocks_say() {
    for renewed in [0, NOW - 100, NOW + 100_000] {
        let pace = pace(|_| {});
        assert!(take(&held_by(&elsewhere(renewed)), &pace, 0).is_ok(), "{renewed}");
        assert!(pace.unix_now() - NOW >= SILENCE.as_secs(), "it was watched");
    }
}

#[test]
fn who_lives_keeps_the_lock_whatever_the_clocks_say() {
    for renewed in [0, NOW - 100, NOW + 100_000] {
        let store = held_by(&elsewhere(renewed));
        let theirs = store.clone();
        let id = read(store.as_ref()).unwrap().unwrap();
        let pace = pace(move |now| {
            if now.is_multiple_of(BEAT.as_secs()) {
                let sign = Holder { renewed: renewed + now - NOW, ..id.clone() };
                theirs.put(PATH, &sign.to_bytes()).unwrap();
            }
        });
        assert!(
            matches!(take(&store, &pace, 0).err(), Some(BackupError::Locked { .. })),
            "{renewed}"
        );
        assert!(pace.unix_now() - NOW <= BEAT.as_secs(), "one sign is enough");
    }
}

#[test]
fn who_waits_gets_the_lock_when_it_is_free() {
    let store = held_by(&elsewhere(NOW));
    let theirs = store.clone();
    let pace = pace(move |now| match now - NOW {
        120 => theirs.delete(PATH).unwrap(),
        n if n.is_multiple_of(10) && n < 120 => {
            theirs.put(PATH, &elsewhere(now).to_bytes()).unwrap()
        }
        _ => {}
    });
    assert!(matches!(take(&store, &pace, 60).err(), Some(BackupError::Locked { .. })));
    assert!(take(&store, &pace, 600).is_ok());
}

#[test]
fn who_waits_can_stop() {
    struct Stops;
    impl Observer for Stops {
        fn cancelled(&self) -> bool {
            true
        }
    }
    let store = held_by(&elsewhere(0));
    let wish =
        Wish { computer: "lap", wait: Duration::ZERO, observer: &Stops, pace: &pace(|_| {}) };
    assert!(matches!(Lock::acquire(store, &wish).err(), Some(BackupError::Cancelled)));
}

#[test]
fn what_nobody_can_have_meant_is_no_lock() {
    for junk in [&b""[..], b"{}", &[b'x'; 70_000]] {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        store.put(PATH, junk).unwrap();
        assert!(take(&store, &pace(|_| panic!("nothing to wait for")), 0).is_ok());
    }
}

#[test]
fn whoever_lost_the_lock_notices_and_leaves_the_other_one() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let slept = take(&store, &pace(|_| {}), 0).unwrap();
    store.put(PATH, &elsewhere(NOW).to_bytes()).unwrap();
    let found_another = AtomicBool::new(false);
    let own = Holder { id: slept.id.clone(), ..elsewhere(NOW) };
    heartbeat::beat(store.as_ref(), &own, NOW, &found_another);
    assert!(found_another.into_inner());
    assert!(matches!(slept.still_held(), Err(BackupError::LockLost)));
    drop(slept);
    assert!(store.exists(PATH).unwrap());
}

#[test]
fn a_sign_of_life_is_newer_and_the_same_holder() {
    let holder = Holder::new("lap", NOW);
    let store = held_by(&holder);
    let found_another = AtomicBool::new(false);
    heartbeat::beat(store.as_ref(), &holder, NOW + 10, &found_another);
    assert_eq!(read(store.as_ref()).unwrap().unwrap(), Holder { renewed: NOW + 10, ..holder });
    assert!(!found_another.into_inner());
}
