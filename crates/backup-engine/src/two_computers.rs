//! Several computers write to one place at the same time, prune it, and are killed: nothing is
//! lost, nobody waits for a person, and nothing that is whole is called damaged.
//!
//! Each run follows from its seed: whose request the store answers next, who does what, who is
//! killed when, and how late the store's lists show what somebody else did.
//! `script/two-computers` runs more of them.

mod store;

use self::store::{Baton, SharedStore, Turns};
use crate::damage_suite::Dice;
use crate::fixture::{ListSink, ListSource};
use crate::pace::StillPace;
use crate::{
    BackupError, BackupOptions, Depth, MemoryStore, PruneOptions, RememberingStore, Repository,
    Retention, Unobserved,
};
use sealed_keys::{BackupKey, Header, OsRng, RepositoryId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Longer than a list may be late, in requests, of which each takes a second here.
const GRACE: u64 = 600;

#[derive(Clone, Copy)]
struct World {
    seed: u64,
    computers: u64,
    rounds: u64,
    /// Requests until a list shows what another computer did, at most.
    late: u64,
}

#[test]
fn two_computers_lose_nothing_whoever_comes_first() {
    for seed in seeds(60) {
        run(World { seed, computers: 2, rounds: 5, late: 0 });
    }
}

#[test]
fn three_computers_lose_nothing_where_lists_are_late() {
    for seed in seeds(40) {
        run(World { seed, computers: 3, rounds: 4, late: 40 });
    }
}

fn seeds(usual: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("KEEPSAKE_TWO_COMPUTERS").ok().and_then(|n| n.parse().ok());
    0..asked.unwrap_or(usual)
}

fn run(world: World) {
    let key = BackupKey::generate(&mut OsRng);
    let inner = Arc::new(MemoryStore::default());
    let header = Header::create(RepositoryId::generate(&mut OsRng), 1, &key);
    Repository::create(inner.clone(), header, &key).expect("an empty place");
    let turns = Arc::new(Turns::new(world.seed, world.computers, world.late, inner.clone()));
    let committed: Vec<BTreeSet<Vec<u8>>> = std::thread::scope(|scope| {
        let works = (0..world.computers).map(|number| {
            let (turns, key) = (turns.clone(), &key);
            scope.spawn(move || Computer::new(world, number, turns, key).work())
        });
        let works: Vec<_> = works.collect();
        works.into_iter().map(|w| w.join().expect("no panic")).collect()
    });
    everything_is_there(world, inner, &key, &committed);
}

struct Computer<'a> {
    world: World,
    number: u64,
    turns: Arc<Turns>,
    key: &'a BackupKey,
    dice: Dice,
    source: ListSource,
    added: u64,
    committed: BTreeSet<Vec<u8>>,
}

impl<'a> Computer<'a> {
    fn new(world: World, number: u64, turns: Arc<Turns>, key: &'a BackupKey) -> Self {
        let dice = Dice::new(world.seed * 31 + number);
        let source = ListSource::new(number as u8);
        Self { world, number, turns, key, dice, source, added: 0, committed: BTreeSet::new() }
    }

    fn work(mut self) -> BTreeSet<Vec<u8>> {
        let baton = Baton::of(self.turns.clone(), self.number);
        for _ in 0..self.world.rounds {
            match self.dice.below(5) {
                0 => self.prunes(),
                1 => self.is_killed_while_it_backs_up(),
                _ => self.backs_up(),
            }
        }
        self.backs_up();
        drop(baton);
        self.committed
    }

    fn opened(&self, dies_after: Option<u64>) -> Result<Repository, BackupError> {
        let store = Arc::new(SharedStore::new(self.turns.clone(), self.number, dies_after));
        // Half of the computers remember what they saw.
        let store: Arc<dyn crate::Store> = match self.number % 2 {
            0 => store,
            _ => Arc::new(RememberingStore::new(store)),
        };
        let mut repository =
            Repository::open_with_key(store, self.key)?.with_patience(Duration::from_secs(100_000));
        repository.pace = Arc::new(StillPace(self.turns.clock()));
        Ok(repository)
    }

    fn adds(&mut self) {
        for _ in 0..=self.dice.below(3) {
            self.added += 1;
            let text = format!("computer {} says {}", self.number, self.added);
            self.source.record("alice", text.as_bytes());
        }
        // The same file on every computer: whoever comes second finds it written.
        self.source.media(&[self.dice.below(4) as u8; 5000]);
    }

    fn backs_up(&mut self) {
        self.adds();
        let repository = self.opened(None).expect("the key opens it");
        let options = BackupOptions::new("laptop", 10);
        match repository.backup(&self.source, &options, &Unobserved) {
            Ok(report) => {
                assert!(report.damage.is_empty(), "{}: {:?}", self.world.seed, report.damage);
                let texts = (1..=self.added)
                    .map(|n| format!("computer {} says {n}", self.number).into_bytes());
                self.committed.extend(texts);
            }
            // What it built on was pruned meanwhile; nothing was committed, and the next one does
            // without.
            Err(BackupError::Missing { .. }) => {}
            Err(problem) => panic!("seed {}: {problem}", self.world.seed),
        }
    }

    fn is_killed_while_it_backs_up(&mut self) {
        self.adds();
        let dies_after = self.dice.below(40) as u64;
        let Ok(repository) = self.opened(Some(dies_after)) else { return };
        let _ = repository.backup(&self.source, &BackupOptions::new("laptop", 10), &Unobserved);
    }

    fn prunes(&mut self) {
        let grace = if self.world.late == 0 { 0 } else { GRACE };
        let options = PruneOptions {
            retention: Retention { last: 2, ..Retention::default() },
            computer: "laptop".into(),
            grace: Duration::from_secs(grace),
            dry_run: false,
        };
        match self.opened(None).expect("the key opens it").prune(&options, &Unobserved) {
            // Something that it read was pruned or replaced by others: it says so, and does
            // nothing.
            Ok(_) | Err(BackupError::Missing { .. } | BackupError::LockLost) => {}
            Err(problem) => panic!("seed {}: {problem}", self.world.seed),
        }
    }
}

fn everything_is_there(
    world: World,
    store: Arc<MemoryStore>,
    key: &BackupKey,
    committed: &[BTreeSet<Vec<u8>>],
) {
    let seed = world.seed;
    let repository = Repository::open_with_key(store, key).expect("the key opens it");
    let report = repository.check(Depth::AllData, &Unobserved).expect("a list");
    assert!(report.problems.is_empty(), "seed {seed}: {:?}", report.problems);
    let newest = repository.latest().expect("whole").expect("there are some");
    let mut sink = ListSink::default();
    let restored = repository
        .restore(&newest, &Default::default(), &mut sink, &Unobserved)
        .expect("it comes back");
    assert!(restored.problems.is_empty(), "seed {seed}: {:?}", restored.problems);
    let there: BTreeSet<Vec<u8>> = sink.records.into_iter().map(|(_, bytes)| bytes).collect();
    for texts in committed {
        assert!(there.is_superset(texts), "seed {seed}: something is lost");
    }
}
