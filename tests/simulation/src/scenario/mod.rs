//! A course of events, drawn from a seed: people, a guesser, bad weather, crashes, and sites that
//! lie.

mod course;
mod disturbances;
mod guesser;
pub(crate) mod people;
mod watch;

pub use course::{Course, Fault};
pub use watch::{Truth, Watch};

use crate::fleet::{Fleet, Plan};
use crate::invariants;
use crate::network::Weather;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// When everything is mended, the sites have so long to tell each other what they know.
const HEALING: Duration = Duration::from_secs(60);

/// What came of a course of events.
pub struct Outcome {
    pub course: Course,
    /// Line by line, the same for the same seed.
    pub history: String,
    /// What did not hold; empty if everything did.
    pub violations: Vec<String>,
}

/// Runs the course of a seed on a thread of its own time. With a fault planted, something must not
/// hold.
pub fn run(seed: u64, fault: Option<Fault>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    runtime.block_on(play(Course::of(seed, fault)))
}

/// Runs the courses of all these seeds on as many threads as there are processors. Gives those that
/// did not hold, or panicked, the smallest seed first.
pub fn run_all(seeds: Range<u64>, fault: Option<Fault>) -> Vec<Outcome> {
    let next = AtomicU64::new(seeds.start);
    let failed = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = run_caught(seed, fault);
                    if !outcome.violations.is_empty() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|outcome| outcome.course.seed);
    failed
}

fn run_caught(seed: u64, fault: Option<Fault>) -> Outcome {
    std::panic::catch_unwind(|| run(seed, fault)).unwrap_or_else(|_| Outcome {
        course: Course::of(seed, fault),
        history: String::new(),
        violations: vec!["something panicked".into()],
    })
}

async fn play(course: Course) -> Outcome {
    let started = Instant::now();
    let plan = Plan {
        seed: course.seed,
        sites: 5,
        policy: course.policy,
        weather: course.weather,
        upkeep: Duration::from_secs(10),
    };
    let fleet = Fleet::start(plan).await;
    let watch = Watch::new(fleet.clone(), course.bad());
    fleet.history().note(format_args!("{course:?}"));
    disturbances::prepare(&fleet, &course).await;
    let mut people = people::enrolled(&watch, &course).await;
    let disturbing = disturbances::run(&fleet, &course);
    let guessing = guesser::run(&watch, &course, people.first().cloned());
    let living = people::live(&watch, &course, &mut people);
    tokio::join!(disturbing, guessing, living);
    heal(&fleet).await;
    invariants::at_end(&watch, &mut people).await;
    let took = started.elapsed().as_secs();
    fleet.history().note(format_args!("{took} s"));
    Outcome { course, history: fleet.history().text(), violations: watch.violations() }
}

/// The network is whole, every site runs, and its clock is right: but bad sites stay bad.
async fn heal(fleet: &Fleet) {
    fleet.history().note("everything is mended");
    fleet.network().mend();
    fleet.network().set_weather(Weather::FAIR);
    for site in fleet.sites() {
        fleet.hang(site, false);
        fleet.clock(site).set_off(0);
        if !fleet.is_running(site) {
            fleet.start_site(site).await;
        }
    }
    tokio::time::sleep(HEALING).await;
}
