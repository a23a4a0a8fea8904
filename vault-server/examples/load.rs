//! People at a fleet of `script/fleet`, many at once: how long each waits, and how many are served.
//!
//! `load FLEET_FOLDER people N`            N people register, one after the other
//! `load FLEET_FOLDER recover N TIMES C`   those N people recover so many times each, C of them at
//! once
//!
//! One line of JSON on the standard output. Where the sites trust this computer as a proxy
//! (`KEEPSAKE_FLEET_PROXY=forwarded`), each person has an address of their own.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod people;

use people::{FleetFolder, Person, Reach, code};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use vault_protocol::{AccountTag, CodeOrigin};

/// The site's pace for new accounts is one a second; whoever was refused comes again after this.
const AGAIN: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(&arguments[0]);
    let count = |at: usize| arguments[at].parse::<usize>().unwrap();
    let visitors = (0..count(2)).map(|number| Visitor::new(folder, number)).collect();
    match arguments[1].as_str() {
        "people" => println!("{}", figures("register", register(visitors).await)),
        "recover" => println!("{}", recover(visitors, count(3), count(4)).await),
        other => panic!("{other}: people or recover"),
    }
}

/// One person at a computer of their own.
struct Visitor {
    fleet: FleetFolder,
    person: Person,
}

impl Visitor {
    /// The same person each time, at one fleet.
    fn new(folder: &Path, number: usize) -> Self {
        let mut fleet = FleetFolder::open(folder);
        let person =
            Person::drawn(CodeOrigin::Own, &mut Seeded(fleet.bundle().id().0, number as u64));
        fleet.http =
            fleet.http.named_by_a_proxy(&format!("10.{}.{}.1", number / 250, number % 250));
        fleet.http.account = Some(AccountTag::of(&person.account()));
        Self { fleet, person }
    }
}

/// SHA-256 of a seed and a counter: for people of whom nothing is secret.
struct Seeded([u8; 32], u64);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            self.0 = Sha256::new()
                .chain_update(self.0)
                .chain_update(self.1.to_le_bytes())
                .finalize()
                .into();
            chunk.copy_from_slice(&self.0[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

async fn register(visitors: Vec<Visitor>) -> Vec<Duration> {
    let mut took = vec![];
    for Visitor { fleet, person } in visitors {
        loop {
            let began = Instant::now();
            let Ok(prepared) = person.prepare(&fleet, 1, &code("right")).await else {
                tokio::time::sleep(AGAIN).await;
                continue;
            };
            let stored = person.store(&fleet, prepared).await;
            if stored.iter().filter(|stored| stored.is_ok()).count()
                >= usize::from(fleet.bundle().threshold)
            {
                took.push(began.elapsed());
                break;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
    took
}

async fn recover(visitors: Vec<Visitor>, times: usize, at_once: usize) -> String {
    let visitors: Vec<_> = visitors.into_iter().map(Arc::new).collect();
    // Everybody once, then everybody again: nobody twice at once, as long as there are more people
    // than that.
    let turns: VecDeque<_> = (0..times).flat_map(|_| visitors.iter().cloned()).collect();
    let turns = Arc::new(Mutex::new(turns));
    let began = Instant::now();
    let tasks: Vec<_> =
        (0..at_once).map(|_| tokio::spawn(one_after_the_other(turns.clone()))).collect();
    let mut took = vec![];
    let mut failed = vec![];
    for task in tasks {
        let (served, not) = task.await.unwrap();
        took.extend(served);
        failed.extend(not);
    }
    let wall = began.elapsed().as_secs_f64();
    failed.iter().take(3).for_each(|why| eprintln!("{why}"));
    let rate = took.len() as f64 / wall;
    let figures = figures("recover", took);
    let head = figures.trim_end_matches('}');
    format!("{head},\"at_once\":{at_once},\"failed\":{},\"per_second\":{rate:.2}}}", failed.len())
}

async fn one_after_the_other(
    turns: Arc<Mutex<VecDeque<Arc<Visitor>>>>,
) -> (Vec<Duration>, Vec<String>) {
    let mut took = vec![];
    let mut failed = vec![];
    while let Some(visitor) = next(&turns) {
        let began = Instant::now();
        match visitor.person.guess(&visitor.fleet, &code("right")).await {
            Ok(_) => took.push(began.elapsed()),
            Err(stopped) => failed.push(format!("{stopped:?}").chars().take(200).collect()),
        }
    }
    (took, failed)
}

fn next(turns: &Mutex<VecDeque<Arc<Visitor>>>) -> Option<Arc<Visitor>> {
    turns.lock().unwrap().pop_front()
}

fn figures(what: &str, mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |share: f64| {
        let index = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
        took.get(index).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    let n = took.len();
    format!(
        "{{\"what\":\"{what}\",\"n\":{n},\"p50_ms\":{p50:.1},\"p99_ms\":{p99:.1},\"max_ms\":{most:.1}}}"
    )
}
