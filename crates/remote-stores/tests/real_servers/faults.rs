//! A network and a server that fail: no snapshot is lost, none that is not whole counts, and the
//! next run goes on.

use super::faulty_proxy::FaultyProxy;
use super::servers::{Place, Server};
use backup_engine::fixture::{ListSink, ListSource};
use backup_engine::{BackupOptions, Depth, PruneOptions, Repository, Retention, Store, Unobserved};
use remote_stores::{Address, Limits};
use sealed_keys::{BackupKey, Header, OsRng, RepositoryId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Rounds of new messages, a backup, and now and then a prune and a restore.
const ROUNDS: u64 = 6;

fn seeds() -> std::ops::Range<u64> {
    let asked = std::env::var("KEEPSAKE_STORE_FAULTS").ok().and_then(|n| n.parse().ok());
    0..asked.unwrap_or(2)
}

fn store(place: &Place, port: Option<u16>) -> Arc<dyn Store> {
    let address = match port {
        None => place.address.clone(),
        Some(port) => with_port(&place.address, port),
    };
    let address = Address::parse(&address).unwrap();
    remote_stores::open(&address, place.credentials.as_ref(), Limits::default()).unwrap()
}

/// The digits after the host's colon, which may be written as in an address within an address.
fn port_of(address: &str) -> u16 {
    let after = address.split("127.0.0.1").nth(1).unwrap();
    let after = after.trim_start_matches("%3A").trim_start_matches(':');
    after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn with_port(address: &str, port: u16) -> String {
    address.replacen(&port_of(address).to_string(), &port.to_string(), 1)
}

fn survives_faults(server: &Server) {
    let mut met = 0;
    for seed in seeds() {
        let place = server.place();
        let proxy = FaultyProxy::start(port_of(&place.address), seed, 15);
        let direct = store(&place, None);
        empty(direct.as_ref());
        let key = BackupKey::generate(&mut OsRng);
        let header = Header::create(RepositoryId::generate(&mut OsRng), 1, &key);
        Repository::create(direct.clone(), header, &key).unwrap();
        let mut source = ListSource::new(1);
        let mut said = BTreeSet::new();
        for round in 0..ROUNDS {
            for n in 0..3 {
                let text = format!("round {round}, message {n}").into_bytes();
                source.record("alice", &text);
                said.insert(text);
            }
            source.media(&vec![round as u8; 100_000]);
            // A store of its own: one that met a fault rests for a while.
            let faulty = || Repository::open_with_key(store(&place, Some(proxy.port)), &key);
            let options = BackupOptions::new("laptop", 10 + round);
            let _ = faulty().map(|r| r.backup(&source, &options, &Unobserved));
            if round % 3 == 2 {
                let _ = faulty().map(|r| r.prune(&prune_all_but_two(), &Unobserved));
            }
            is_whole(&direct, &key, seed);
        }
        met += proxy.faults();
        let repository = Repository::open_with_key(direct.clone(), &key).unwrap();
        repository.backup(&source, &BackupOptions::new("laptop", 99), &Unobserved).unwrap();
        assert_eq!(is_whole(&direct, &key, seed), said, "seed {seed}: something is lost");
    }
    assert!(met > 0, "no request met a fault");
}

fn prune_all_but_two() -> PruneOptions {
    PruneOptions {
        retention: Retention { last: 2, ..Retention::default() },
        computer: "laptop".into(),
        grace: Duration::ZERO,
        dry_run: false,
    }
}

/// Everything that any snapshot names is there; gives what the newest one says.
fn is_whole(direct: &Arc<dyn Store>, key: &BackupKey, seed: u64) -> BTreeSet<Vec<u8>> {
    let repository = Repository::open_with_key(direct.clone(), key).unwrap();
    let problems = repository.check(Depth::AllData, &Unobserved).unwrap().problems;
    // A second copy that was not written any more is no loss: the next backup writes it.
    let is_copy =
        |problem: &&backup_engine::BackupError| problem.to_string().starts_with("copies/");
    let losses: Vec<_> = problems.iter().filter(|p| !is_copy(p)).collect();
    assert!(losses.is_empty(), "seed {seed}: {losses:?}");
    let Some(newest) = repository.latest().unwrap() else { return BTreeSet::new() };
    let mut sink = ListSink::default();
    let report = repository.restore(&newest, &Default::default(), &mut sink, &Unobserved).unwrap();
    assert!(report.problems.is_empty(), "seed {seed}: {:?}", report.problems);
    sink.records.into_iter().map(|(_, bytes)| bytes).collect()
}

fn empty(store: &dyn Store) {
    for folder in ["packs", "index", "snapshots", "copies", "removals", "writers"] {
        for file in store.list(folder).unwrap() {
            store.delete(&format!("{folder}/{}", file.name)).unwrap();
        }
    }
    for path in ["keepsake.json", "lock"] {
        let _ = store.delete(path);
    }
}

#[test]
#[ignore = "script/test-stores"]
fn a_bad_line_to_webdav_loses_nothing() {
    survives_faults(&Server::rclone_webdav());
}

#[test]
#[ignore = "script/test-stores"]
fn a_bad_line_to_s3_loses_nothing() {
    survives_faults(&Server::rclone_s3());
}
