//! Delays and times, by each site's own clock, whatever clients and other clocks say.

use crate::faults::{Fault, HonestSite};
use crate::support::*;
use stateright::{Checker, Model, Property};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use vault_protocol::limits::{CLOCK_TOLERANCE, delay_before_try};
use vault_protocol::*;
use vault_state::SiteAccount;

/// Slots 1 to 4 are spent; the next two have to wait.
const SPENT: Slot = 4;
const LAST: Slot = 6;
/// Seconds that a clock goes on at a time.
const TICK: u64 = 30;
const END: u64 = START + 5 * TICK;
/// How wrong a client, or a clock that is set right, may be.
const HOUR: u64 = 3600;

struct Clocks {
    fleet: Fleet,
    person: Person,
    fault: Option<Fault>,
}

#[derive(Clone, Debug, PartialEq)]
struct World {
    site: SiteAccount,
    clock: u64,
    /// Slot, the site's clock, the try's time.
    given: Vec<(Slot, u64, u64)>,
    /// When the site voted in a slot or knew that it is spent, by its own clock.
    known: BTreeMap<Slot, u64>,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        postcard::to_allocvec(&self.site).expect("plain data").hash(state);
        (self.clock, &self.given, &self.known).hash(state);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Tick,
    /// A try whose time is this far from the site's clock.
    Vote {
        slot: Slot,
        ahead: i64,
    },
    /// The votes of others for a slot arrive.
    Learn {
        slot: Slot,
    },
}

impl Clocks {
    fn new(fault: Option<Fault>) -> Self {
        let fleet = Fleet::new(3, GuessPolicy::Balanced);
        let person = Person::new(&fleet, CodeOrigin::Own);
        Self { fleet, person, fault }
    }

    fn others(&self, slot: Slot) -> News {
        let tried = self.person.tried(0, slot, slot, START);
        votes(self.fleet.votes(&tried, &[2, 3]))
    }

    fn vote(&self, account: &mut SiteAccount, tried: &Try, clock: u64) -> bool {
        let site =
            HonestSite { fleet: &self.fleet, person: &self.person, index: 1, fault: self.fault };
        match self.fault {
            Some(Fault::DelaysByTheClientsClock) => {
                site.vote(account, &News::default(), tried, tried.at).is_some()
            }
            Some(Fault::DelaysFromTheFirstTry) => {
                let first = account.own.slots[&1];
                account.own.slots.values_mut().for_each(|at| *at = first);
                site.vote(account, &News::default(), tried, clock).is_some()
            }
            Some(Fault::BelievesTheClientsTime) => {
                let believed = self.person.tried(0, tried.slot, tried.slot, clock);
                site.vote(account, &News::default(), &believed, clock).is_some()
            }
            _ => site.vote(account, &News::default(), tried, clock).is_some(),
        }
    }
}

impl Model for Clocks {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let mut site = registered(&self.fleet, &self.person, 1);
        for slot in 1..=SPENT {
            let tried = self.person.tried(0, slot, slot, START);
            vote(&self.fleet, 1, &mut site, &tried, START).expect("the first tries are free");
            learn(&self.fleet, 1, &mut site, self.others(slot), START);
        }
        site.own.events = Default::default();
        vec![World { site, clock: START, given: vec![], known: [(SPENT, START)].into() }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        if world.clock < END {
            steps.push(Step::Tick);
        }
        let away = i64::try_from(HOUR).expect("small");
        for slot in SPENT + 1..=LAST {
            steps.extend([-away, 0, away].map(|ahead| Step::Vote { slot, ahead }));
            steps.push(Step::Learn { slot });
        }
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        match step {
            Step::Tick => world.clock += TICK,
            Step::Vote { slot, ahead } => {
                let at = world.clock.saturating_add_signed(ahead);
                let tried = self.person.tried(0, slot, slot, at);
                if self.vote(&mut world.site, &tried, world.clock)
                    && world.given.iter().all(|(given, ..)| *given != slot)
                {
                    world.given.push((slot, world.clock, at));
                    world.known.entry(slot).or_insert(world.clock);
                }
            }
            Step::Learn { slot } => {
                learn(&self.fleet, 1, &mut world.site, self.others(slot), world.clock);
                world.known.entry(slot).or_insert(world.clock);
            }
        }
        world.site.own.events = Default::default();
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("every delay has passed on the site's own clock", delays_pass),
            Property::always("a try is dated near the site's own clock", dated_now),
            Property::sometimes("both slots are voted for in the end", |_, world: &World| {
                world.given.len() == 2
            }),
        ]
    }
}

fn delays_pass(_: &Clocks, world: &World) -> bool {
    world.given.iter().all(|(slot, at, _)| {
        let before = world.known.get(&(slot - 1));
        before.is_some_and(|before| *at >= before + delay_before_try(*slot))
    })
}

fn dated_now(_: &Clocks, world: &World) -> bool {
    world.given.iter().all(|(_, clock, at)| clock.abs_diff(*at) <= CLOCK_TOLERANCE)
}

#[test]
fn no_clock_but_the_sites_own_counts() {
    Clocks::new(None).checker().spawn_dfs().join().assert_properties();
}

#[test]
fn planted_faults_of_clocks_are_found() {
    let dated = "a try is dated near the site's own clock";
    let passed = "every delay has passed on the site's own clock";
    for (fault, promise) in [
        (Fault::DelaysByTheClientsClock, passed),
        (Fault::DelaysFromTheFirstTry, passed),
        (Fault::BelievesTheClientsTime, dated),
    ] {
        let checked = Clocks::new(Some(fault)).checker().spawn_dfs().join();
        assert!(checked.discovery(promise).is_some(), "{fault:?}");
    }
}
