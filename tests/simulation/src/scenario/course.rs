//! What is drawn from a seed before anything happens.

use crate::corrupt::Trick;
use crate::dice::Dice;
use crate::network::Weather;
use crate::tricks::{
    Equivocate, FalseAcknowledgements, FalseRefusals, FalseShares, ForgedFacts, Replay, StaleState,
    Withhold, WrongClock,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use vault_protocol::{GuessPolicy, Refusal, SiteIndex};

/// A fault planted into sites that count as honest: whatever runs must find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sites 1 to 3 vote for whatever try they are shown.
    VotesTwice,
    /// Sites 1 to 3 acknowledge before they store, and then do not.
    AcknowledgesBeforeStoring,
    /// Every disk loses its last write when its site is killed.
    LosesLastWrite,
}

/// The drawn course of one seed.
pub struct Course {
    pub seed: u64,
    pub policy: GuessPolicy,
    pub weather: Weather,
    /// Sites that lie.
    pub tricks: BTreeMap<SiteIndex, Arc<dyn Trick>>,
    /// A site whose disk is set back once: it is one of the bad ones.
    pub set_back: Option<SiteIndex>,
    /// Seconds that clocks are off.
    pub clocks: BTreeMap<SiteIndex, i64>,
    /// Whether somebody with the first person's header guesses.
    pub guesser: bool,
    pub people: u64,
    /// What each person does.
    pub acts: u64,
    pub disturbances: u64,
    pub fault: Option<Fault>,
}

impl Course {
    pub fn of(seed: u64, fault: Option<Fault>) -> Self {
        let dice = Dice::new(seed, "course");
        let policy = match dice.below(3) {
            0 => GuessPolicy::Strict,
            _ => GuessPolicy::Balanced,
        };
        let weather = Weather {
            fastest: 1,
            slowest: dice.pick(&[5, 50, 300]),
            lost: dice.pick(&[0, 0, 10, 40]),
            repeated: dice.pick(&[0, 0, 20]),
        };
        let mut bad = drawn_sites(&dice, dice.below(3));
        let set_back = bad.pop_last().filter(|_| dice.in_1000(300));
        let tricks = bad.into_iter().map(|site| (site, trick(&dice))).collect();
        let clocks = (1..=5).map(|i| (SiteIndex(i), clock(&dice))).collect();
        let mut course = Self {
            seed,
            policy,
            weather,
            tricks,
            set_back,
            clocks,
            guesser: dice.in_1000(500),
            people: 1 + dice.below(2),
            acts: 2 + dice.below(4),
            disturbances: dice.below(6),
            fault,
        };
        course.plant();
        course
    }

    /// Sites that are bad, as far as anybody is told: planted faults are not among them.
    pub fn bad(&self) -> BTreeSet<SiteIndex> {
        let lying = self.tricks.keys().copied().filter(|_| self.fault.is_none());
        lying.chain(self.set_back).collect()
    }

    fn plant(&mut self) {
        let trick: Arc<dyn Trick> = match self.fault {
            None => return,
            Some(Fault::VotesTwice) => Arc::new(Equivocate),
            Some(Fault::AcknowledgesBeforeStoring) => Arc::new(FalseAcknowledgements),
            Some(Fault::LosesLastWrite) => {
                self.tricks.clear();
                self.set_back = None;
                self.guesser = true;
                self.disturbances = 12;
                return;
            }
        };
        self.guesser = true;
        self.set_back = None;
        self.tricks = (1..=3).map(|i| (SiteIndex(i), trick.clone())).collect();
    }
}

fn drawn_sites(dice: &Dice, count: u64) -> BTreeSet<SiteIndex> {
    let mut sites = BTreeSet::new();
    while (sites.len() as u64) < count {
        sites.insert(SiteIndex(u8::try_from(1 + dice.below(5)).unwrap_or(1)));
    }
    sites
}

/// Most are right within seconds; one in eight is far off.
fn clock(dice: &Dice) -> i64 {
    let seconds = i64::try_from(dice.below(20)).unwrap_or(0) - 10;
    match dice.below(16) {
        0 => seconds + 3600,
        1 => seconds - 3600,
        _ => seconds,
    }
}

fn trick(dice: &Dice) -> Arc<dyn Trick> {
    let refusals = [
        Refusal::Destroyed,
        Refusal::WrongAccess,
        Refusal::WrongRound { current: 99 },
        Refusal::WrongSlot { next: 10 },
        Refusal::TooSoon { at: u64::MAX },
    ];
    match dice.below(10) {
        0..=1 => Arc::new(Equivocate),
        2 => Arc::new(dice.pick(&[Withhold::Everything, Withhold::Votes, Withhold::Shares])),
        3 => Arc::new(Replay::default()),
        4 => Arc::new(WrongClock(dice.pick(&[-86_400, -150, 150, 86_400]))),
        5..=6 => Arc::new(StaleState::default()),
        7 => Arc::new(FalseAcknowledgements),
        8 if dice.in_1000(500) => Arc::new(FalseShares),
        8 => Arc::new(ForgedFacts),
        _ => Arc::new(FalseRefusals(dice.pick(&refusals))),
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tricks: BTreeMap<_, _> =
            self.tricks.iter().map(|(site, trick)| (site.0, trick.name())).collect();
        f.debug_struct("Course")
            .field("seed", &self.seed)
            .field("policy", &self.policy)
            .field("weather", &self.weather)
            .field("tricks", &tricks)
            .field("set_back", &self.set_back)
            .field("clocks", &self.clocks.values().collect::<Vec<_>>())
            .field("guesser", &self.guesser)
            .field("people", &self.people)
            .field("acts", &self.acts)
            .field("disturbances", &self.disturbances)
            .field("fault", &self.fault)
            .finish()
    }
}
