//! How many guesses can be evaluated, in any schedule.

use crate::deep;
use crate::faults::{Fault, HonestSite};
use crate::support::*;
use stateright::{Checker, Model, Property};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use vault_protocol::*;
use vault_state::SiteAccount;

/// The element of the right code; all others are guesses.
const RIGHT: u8 = 0;

/// A small fleet and what may happen in it.
pub(crate) struct Guesses {
    pub fleet: Fleet,
    pub person: Person,
    pub honest: u8,
    /// They sign whatever helps the guesser.
    pub bad: Vec<u8>,
    /// What the fleet promises; a fault may forget it.
    pub max_tries: u8,
    /// Guesses that compete for one slot.
    pub rivals: u8,
    pub rounds: Round,
    pub fault: Option<Fault>,
}

/// Each honest site's stored state, and what the guesser has in hand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct World {
    sites: Vec<SiteAccount>,
    /// Votes of honest sites, by round, slot and element.
    votes: BTreeMap<(Round, Slot, u8), BTreeSet<SlotVote>>,
    /// Honest sites that evaluated.
    evaluated: BTreeMap<(Round, Slot, u8), BTreeSet<u8>>,
    /// Honest sites that signed receipts.
    receipts: BTreeMap<(Round, Slot, u8), BTreeSet<u8>>,
    /// The highest round each site was ever in.
    highest: Vec<Round>,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let sites = postcard::to_allocvec(&self.sites).expect("plain data");
        sites.hash(state);
        postcard::to_allocvec(&self.votes).expect("plain data").hash(state);
        (&self.evaluated, &self.receipts, &self.highest).hash(state);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// A site is asked for a vote, and shown the others' votes of that round.
    Vote {
        site: u8,
        round: Round,
        slot: Slot,
        alpha: u8,
    },
    Evaluate {
        site: u8,
        round: Round,
        slot: Slot,
        alpha: u8,
    },
    /// A try is confirmed: with the right tag if the code was right.
    Confirm {
        site: u8,
        round: Round,
        slot: Slot,
        alpha: u8,
    },
    /// A site is shown the end of a round.
    Learn {
        site: u8,
        round: Round,
    },
    /// A site's program is killed, and starts again from its disk.
    Crash {
        site: u8,
    },
}

impl Guesses {
    pub(crate) fn new(sites: u8, bad: u8, policy: GuessPolicy) -> Self {
        let fleet = Fleet::new(sites, policy);
        let person = Person { max_tries: 2, ..Person::new(&fleet, CodeOrigin::Own) };
        let honest = sites - bad;
        let bad = (honest + 1..=sites).collect();
        Self { fleet, person, honest, bad, max_tries: 2, rivals: 3, rounds: 2, fault: None }
    }

    pub(crate) fn tries(self, max_tries: u8, rivals: u8) -> Self {
        Self { max_tries, rivals, person: Person { max_tries, ..self.person }, ..self }
    }

    pub(crate) fn rounds(self, rounds: Round) -> Self {
        Self { rounds, ..self }
    }

    pub(crate) fn with(self, fault: Fault) -> Self {
        let mut person = self.person;
        if fault == Fault::VotesBeyondTheLimit {
            person.max_tries += 1;
        }
        Self { person, fault: Some(fault), ..self }
    }

    fn site(&self, index: u8) -> HonestSite<'_> {
        HonestSite { fleet: &self.fleet, person: &self.person, index, fault: self.fault }
    }

    fn tried(&self, round: Round, slot: Slot, alpha: u8) -> Try {
        let mut tried = self.person.tried(round, slot, alpha, START);
        // A guesser without the access key can still ask.
        if alpha > self.rivals {
            tried.signature = Signature64([0; 64]);
        }
        tried
    }

    /// Votes of a round, to be shown to a site: those of other honest sites, and one of each bad
    /// site in every slot. Nobody who wants another vote of it reminds it of its own.
    fn news(&self, world: &World, round: Round, to: u8) -> News {
        let honest = world.votes.iter().filter(|(key, _)| key.0 == round);
        let honest = honest.flat_map(|(_, votes)| votes.iter().copied());
        let honest = honest.filter(|vote| vote.statement.site.0 != to);
        let of_bad = (1..=self.max_tries)
            .flat_map(|slot| self.fleet.votes(&self.tried(round, slot, 1), &self.bad));
        votes(honest.chain(of_bad).collect())
    }

    /// Votes of honest sites for a try, and of all bad ones.
    fn certificate(&self, world: &World, round: Round, slot: Slot, alpha: u8) -> Certificate {
        let tried = self.tried(round, slot, alpha);
        let honest = world.votes.get(&(round, slot, alpha)).into_iter().flatten();
        let bad = self.fleet.certificate(&tried, &self.bad).votes;
        Certificate { tried, votes: honest.map(|v| v.statement).chain(bad).collect() }
    }

    /// The end of a round, if the guesser can show one that a site may take.
    fn round_end(&self, world: &World, round: Round) -> Option<RoundEnd> {
        let need = self.fleet.keys.threshold();
        let all: Vec<u8> = (1..=self.person.sites).collect();
        let enough = |key: &(Round, Slot, u8), honest: &BTreeSet<u8>| {
            let of_round = key.0 == round || self.fault == Some(Fault::TakesReceiptsOfAnotherRound);
            of_round && honest.len() + self.bad.len() >= need
        };
        let shown = world.receipts.iter().find(|(key, honest)| enough(key, honest));
        match shown {
            Some(((at, slot, alpha), honest)) if *at == round => {
                let sites: Vec<u8> = honest.iter().chain(&self.bad).copied().collect();
                Some(self.fleet.round_end(&self.tried(round, *slot, *alpha), &sites))
            }
            // A site that does not look closely takes it for this.
            Some(_) => Some(self.fleet.round_end(&self.tried(round, 1, RIGHT), &all)),
            None if self.fault == Some(Fault::AdoptsRoundsUnproved) && !self.bad.is_empty() => {
                Some(self.fleet.round_end(&self.tried(round, 1, RIGHT), &all))
            }
            None => None,
        }
    }

    /// Guesses of one slot for which a certificate can be had.
    fn certified(&self, world: &World, round: Round, slot: Slot) -> usize {
        let quorum = self.fleet.keys.quorum(slot);
        let votes = |alpha| self.certificate(world, round, slot, alpha).votes.len();
        (0..=self.rivals).filter(|alpha| votes(*alpha) >= quorum).count()
    }

    /// Guesses of one slot, without access key too, that enough honest sites evaluated for t
    /// shares.
    fn opened(&self, world: &World, round: Round, slot: Slot) -> usize {
        let need = self.fleet.keys.threshold() - self.bad.len();
        let by = |alpha| world.evaluated.get(&(round, slot, alpha)).map_or(0, BTreeSet::len);
        (0..=self.rivals + 1).filter(|alpha| by(*alpha) >= need).count()
    }

    /// floor((n - b) / (q - b)), and nothing beyond the limit.
    fn allowed(&self, slot: Slot) -> usize {
        if slot > self.max_tries {
            return 0;
        }
        usize::from(self.honest) / (self.fleet.keys.quorum(slot) - self.bad.len())
    }

    fn places(&self) -> impl Iterator<Item = (Round, Slot)> {
        let slots = self.max_tries + 1;
        (0..self.rounds).flat_map(move |round| (1..=slots).map(move |slot| (round, slot)))
    }

    /// The owner comes, all honest sites answer, and bad ones say nothing. With an own code she may
    /// first give the tries back.
    fn owner_gets_through(&self, world: &World) -> bool {
        let all: Vec<u8> = (1..=self.honest).collect();
        let mut sites = world.sites.clone();
        let round = sites.iter().map(|site| site.facts.round()).max().unwrap_or(0);
        let end = round.checked_sub(1).and_then(|last| self.round_end(world, last));
        for (site, account) in all.iter().zip(&mut sites) {
            end.iter().for_each(|end| self.site(*site).learn_end(account, end.clone(), START));
            learn(&self.fleet, *site, account, self.news(world, round, *site), START);
        }
        let next = sites[0].facts.next_slot(&self.fleet.keys, self.person.max_tries);
        (next..=self.person.max_tries + 1)
            .any(|slot| self.recovers(&mut sites.clone(), round, slot))
            || self.recovers_after_reset(&mut sites, round)
    }

    fn recovers_after_reset(&self, sites: &mut [SiteAccount], round: Round) -> bool {
        for (site, account) in (1u8..).zip(sites.iter_mut()) {
            self.site(site).learn_end(account, self.person.reset(round), START);
        }
        self.recovers(sites, round + 1, 1)
    }

    fn recovers(&self, sites: &mut [SiteAccount], round: Round, slot: Slot) -> bool {
        let tried = self.tried(round, slot, RIGHT);
        let indexed = || (1u8..).zip(0..);
        let mut given = vec![];
        for (site, at) in indexed().take(sites.len()) {
            given.extend(self.site(site).vote(&mut sites[at], &News::default(), &tried, START));
        }
        for (site, at) in indexed().take(sites.len()) {
            learn(&self.fleet, site, &mut sites[at], votes(given.clone()), START);
        }
        let votes = given.iter().map(|v: &SlotVote| v.statement).collect();
        let certificate = Certificate { tried, votes };
        let evaluated = indexed().take(sites.len()).filter(|(site, at)| {
            self.site(*site).evaluate(&mut sites[*at], &certificate, &point(RIGHT), START)
        });
        evaluated.count() >= self.fleet.keys.threshold()
    }
}

impl Model for Guesses {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let site = |site| {
            let mut account = registered(&self.fleet, &self.person, site);
            account.own.events = Default::default();
            account
        };
        vec![World {
            sites: (1..=self.honest).map(site).collect(),
            votes: BTreeMap::new(),
            evaluated: BTreeMap::new(),
            receipts: BTreeMap::new(),
            highest: vec![0; usize::from(self.honest)],
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        let asked = |round, slot, alpha| world.votes.contains_key(&(round, slot, alpha));
        for site in 1..=self.honest {
            for (round, slot) in self.places() {
                // Guesses are alike: the next one is asked for only after the one before it.
                let alphas = (0..=self.rivals + 1).filter(|alpha| {
                    *alpha < 2 || *alpha > self.rivals || asked(round, slot, alpha - 1)
                });
                steps.extend(alphas.map(|alpha| Step::Vote { site, round, slot, alpha }));
                for alpha in 0..=self.rivals + 1 {
                    steps.push(Step::Evaluate { site, round, slot, alpha });
                    steps.push(Step::Confirm { site, round, slot, alpha });
                }
            }
            steps.extend((0..self.rounds).map(|round| Step::Learn { site, round }));
            steps.push(Step::Crash { site });
        }
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        let index = match step {
            Step::Vote { site, .. } | Step::Evaluate { site, .. } | Step::Confirm { site, .. } => {
                site
            }
            Step::Learn { site, .. } | Step::Crash { site } => site,
        };
        let at = usize::from(index) - 1;
        let (site, account) = (self.site(index), &mut world.sites[at]);
        match step {
            Step::Vote { round, slot, alpha, .. } => {
                let tried = match self.fault {
                    Some(Fault::VotesForUnsignedTries) => {
                        self.person.tried(round, slot, alpha, START)
                    }
                    _ => self.tried(round, slot, alpha),
                };
                let news = self.news(last, round, index);
                let given = site.vote(account, &news, &tried, START);
                let votes = world.votes.entry((round, slot, alpha)).or_default();
                votes.extend(given);
                world.votes.retain(|_, votes| !votes.is_empty());
            }
            Step::Evaluate { round, slot, alpha, .. } => {
                let mut certificate = self.certificate(last, round, slot, alpha);
                if self.fault == Some(Fault::VotesForUnsignedTries) {
                    certificate.tried = self.person.tried(round, slot, alpha, START);
                }
                if !site.evaluate(account, &certificate, &point(alpha), START) {
                    return None;
                }
                world.evaluated.entry((round, slot, alpha)).or_default().insert(index);
            }
            Step::Confirm { round, slot, alpha, .. } => {
                let id = self.tried(round, slot, alpha).id(&self.fleet.keys.digest);
                if !site.receipt(account, &id, alpha == RIGHT) {
                    return None;
                }
                world.receipts.entry((round, slot, alpha)).or_default().insert(index);
            }
            Step::Learn { round, .. } => {
                site.learn_end(account, self.round_end(last, round)?, START);
            }
            Step::Crash { .. } => {
                // What was given out was on disk before; nothing is lost.
                if self.fault != Some(Fault::LosesVotesInACrash) {
                    return None;
                }
                *account = registered(&self.fleet, &self.person, index);
            }
        }
        let account = &mut world.sites[at];
        account.own.events = Default::default();
        world.highest[at] = world.highest[at].max(account.facts.round());
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("an honest site votes once in a slot", one_vote_a_slot),
            Property::always("no more guesses in a slot than the bound", bound_of_a_slot),
            Property::always("no guess beyond the limit or without the access key", limit),
            Property::always("slots are spent in order", in_order),
            Property::always("no round ends without the right code", rounds_are_earned),
            Property::always("no site goes back a round", never_back),
            Property::always("an honest owner gets through", owner_gets_through),
        ]
    }
}

fn one_vote_a_slot(_: &Guesses, world: &World) -> bool {
    let mut given = BTreeMap::new();
    let votes = world.votes.values().flatten();
    votes.into_iter().all(|vote| {
        let place = (vote.round, vote.slot, vote.statement.site);
        *given.entry(place).or_insert(vote.tried) == vote.tried
    })
}

fn bound_of_a_slot(model: &Guesses, world: &World) -> bool {
    model.places().filter(|(_, slot)| *slot <= model.max_tries).all(|(round, slot)| {
        let allowed = model.allowed(slot);
        model.certified(world, round, slot) <= allowed
            && model.opened(world, round, slot) <= allowed
    })
}

fn limit(model: &Guesses, world: &World) -> bool {
    let within =
        |(_, slot, alpha): &(Round, Slot, u8)| *slot <= model.max_tries && *alpha <= model.rivals;
    world.votes.keys().all(within) && world.evaluated.keys().all(within)
}

fn in_order(model: &Guesses, world: &World) -> bool {
    let voters = |round, slot| {
        let of_slot = world.votes.iter().filter(|(key, _)| (key.0, key.1) == (round, slot));
        let sites = of_slot.flat_map(|(_, votes)| votes.iter().map(|v| v.statement.site));
        sites.collect::<BTreeSet<_>>().len() + model.bad.len()
    };
    let before = |(round, slot, _): &(Round, Slot, u8)| {
        (1..*slot).all(|earlier| voters(*round, earlier) >= model.fleet.keys.threshold())
    };
    world.votes.keys().all(before)
}

fn rounds_are_earned(model: &Guesses, world: &World) -> bool {
    let reached = world.highest.iter().copied().max().unwrap_or(0);
    (0..reached).all(|round| {
        (1..=model.max_tries).any(|slot| world.evaluated.contains_key(&(round, slot, RIGHT)))
    })
}

fn never_back(_: &Guesses, world: &World) -> bool {
    world.sites.iter().zip(&world.highest).all(|(site, highest)| site.facts.round() >= *highest)
}

/// Where so many sites are bad that the rest is no quorum, nobody is promised to get through.
fn owner_gets_through(model: &Guesses, world: &World) -> bool {
    let quorum = model.fleet.keys.quorum(1);
    usize::from(model.honest) < quorum || model.owner_gets_through(world)
}

/// Searches every schedule; tells the number of states.
pub(crate) fn holds(model: Guesses) -> usize {
    let checked = model.checker().threads(2).spawn_dfs().join();
    checked.assert_properties();
    println!("{} states", checked.unique_state_count());
    checked.unique_state_count()
}

#[test]
fn three_sites_one_bad_balanced() {
    let states = holds(Guesses::new(3, 1, GuessPolicy::Balanced).tries(1, 3).rounds(1));
    assert!(states > 300, "{states} states are no search");
}

#[test]
fn three_sites_one_bad_balanced_two_rounds() {
    let states = holds(Guesses::new(3, 1, GuessPolicy::Balanced).tries(1, 1).rounds(2));
    assert!(states > 1000, "{states} states are no search");
}

#[test]
fn three_sites_one_bad_strict() {
    let states = holds(Guesses::new(3, 1, GuessPolicy::Strict).tries(2, 2).rounds(1));
    assert!(states > 100, "{states} states are no search");
}

#[test]
fn three_honest_sites_and_an_unreliable_network() {
    let states = holds(Guesses::new(3, 0, GuessPolicy::Balanced).tries(1, 3).rounds(1));
    assert!(states > 500, "{states} states are no search");
}

#[test]
fn three_sites_one_bad_balanced_two_slots() {
    let states = holds(Guesses::new(3, 1, GuessPolicy::Balanced).tries(2, 1).rounds(1));
    assert!(states > 1000, "{states} states are no search");
}

#[test]
#[ignore = "minutes: script/model"]
fn larger_fleets_and_longer_rounds() {
    assert!(deep(), "KEEPSAKE_MODEL=deep");
    for policy in [GuessPolicy::Balanced, GuessPolicy::Strict] {
        println!("{policy:?}: {} states", holds(Guesses::new(3, 1, policy).tries(1, 3).rounds(2)));
        println!("{policy:?}: {} states", holds(Guesses::new(3, 1, policy).tries(2, 2).rounds(1)));
        println!("{policy:?}: {} states", holds(Guesses::new(3, 0, policy).tries(2, 2).rounds(1)));
        println!("{policy:?}: {} states", holds(Guesses::new(5, 2, policy).tries(1, 3).rounds(1)));
        println!("{policy:?}: {} states", holds(Guesses::new(5, 1, policy).tries(1, 2).rounds(1)));
    }
}
