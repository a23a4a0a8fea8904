//! People at a fleet of `script/fleet`, many at once: how long each waits, and how many are served.
//!
//! `load FLEET_FOLDER people N`      N people register, each proves the code; prints how long that took
//! `load FLEET_FOLDER recover N C`   N recoveries, C at once, of people who have just registered
//!
//! One line of JSON on the standard output.
#![allow(clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod people;

use people::{FleetFolder, Person, code};
use std::sync::Arc;
use std::time::{Duration, Instant};
use vault_protocol::CodeOrigin;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let fleet = Arc::new(FleetFolder::open(arguments[0].as_ref()));
    let count = |at: usize| arguments[at].parse::<usize>().unwrap();
    match arguments[1].as_str() {
        "people" => println!("{}", figures("register", register(&fleet, count(2)).await.1)),
        "recover" => {
            let (people, _) = register(&fleet, count(3)).await;
            println!("{}", recover(&fleet, people, count(2)).await);
        }
        other => panic!("{other}: people or recover"),
    }
}

/// Registers people one after the other: they share this computer's address.
async fn register(fleet: &FleetFolder, n: usize) -> (Vec<Person>, Vec<Duration>) {
    let mut people = vec![];
    let mut took = vec![];
    while people.len() < n {
        let person = Person::new(CodeOrigin::Own);
        let began = Instant::now();
        let stored = person.register(fleet, 1, &code("right")).await;
        if stored.iter().filter(|stored| stored.is_ok()).count() >= 3 {
            took.push(began.elapsed());
            people.push(person);
        } else {
            // The site's pace for new accounts.
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
    (people, took)
}

/// Each person recovers again and again, until all of them together have so often.
async fn recover(fleet: &Arc<FleetFolder>, people: Vec<Person>, n: usize) -> String {
    let at_once = people.len();
    let each = n.div_ceil(at_once);
    let began = Instant::now();
    let tasks: Vec<_> = people
        .into_iter()
        .map(|person| {
            let fleet = fleet.clone();
            tokio::spawn(async move {
                let mut took = vec![];
                let mut failed = vec![];
                for _ in 0..each {
                    let began = Instant::now();
                    match person.guess(&*fleet, &code("right")).await {
                        Ok(_) => took.push(began.elapsed()),
                        Err(stopped) => failed.push(format!("{stopped:?}")),
                    }
                }
                (took, failed)
            })
        })
        .collect();
    let mut took = vec![];
    let mut failed = vec![];
    for task in tasks {
        let (of_person, not) = task.await.unwrap();
        took.extend(of_person);
        failed.extend(not);
    }
    let wall = began.elapsed().as_secs_f64();
    failed.iter().take(3).for_each(|why| eprintln!("{why}"));
    let rate = took.len() as f64 / wall;
    let figures = figures("recover", took);
    let head = figures.trim_end_matches('}');
    format!("{head},\"at_once\":{at_once},\"failed\":{},\"per_second\":{rate:.2}}}", failed.len())
}

fn figures(what: &str, mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |share: f64| {
        let index = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
        took.get(index).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    let n = took.len();
    format!("{{\"what\":\"{what}\",\"n\":{n},\"p50_ms\":{p50:.1},\"p99_ms\":{p99:.1},\"max_ms\":{most:.1}}}")
}
