//! What was removed, replaced or destroyed stays so, and what was acknowledged is so.

use crate::deep;
use crate::faults::Fault;
use crate::support::*;
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use vault_protocol::*;
use vault_state::{SiteAccount, Vote};

/// One slot, so that the tries are soon used up.
const MAX_TRIES: u8 = 1;

struct Revocations {
    fleet: Fleet,
    person: Person,
    honest: u8,
    bad: u8,
    fault: Option<Fault>,
}

#[derive(Clone, Debug, PartialEq)]
struct World {
    sites: Vec<SiteAccount>,
    /// What the owner signed so far.
    replaced: bool,
    removed: bool,
    /// Acknowledgements that somebody has: site and what it is of.
    acknowledged: BTreeSet<(u8, Subject)>,
    /// Sites that voted for a try of version 1, of version 2.
    voted: BTreeSet<(u8, Version)>,
    /// Sites whose state was once without the account, without the box of this version.
    without: BTreeSet<u8>,
    destroyed: BTreeSet<(u8, Version)>,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        postcard::to_allocvec(&self.sites).expect("plain data").hash(state);
        (self.replaced, self.removed, &self.acknowledged).hash(state);
        (&self.voted, &self.without, &self.destroyed).hash(state);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Replace,
    Remove,
    /// A site is shown the newer code, the owner's removal, or somebody else's.
    ShowCode {
        site: u8,
    },
    ShowRemoval {
        site: u8,
    },
    ShowForgery {
        site: u8,
    },
    /// One site tells another everything.
    Tell {
        from: u8,
        to: u8,
    },
    Acknowledge {
        site: u8,
    },
    Vote {
        site: u8,
        version: Version,
    },
    /// The tries are used up, and the hour is over.
    Expire {
        site: u8,
    },
}

impl Revocations {
    fn new(sites: u8, bad: u8, fault: Option<Fault>) -> Self {
        let fleet = Fleet::new(sites, GuessPolicy::Balanced);
        let person = Person { max_tries: MAX_TRIES, ..Person::new(&fleet, CodeOrigin::Generated) };
        Self { fleet, person, honest: sites - bad, bad, fault }
    }

    fn step(&self, world: &mut World, step: Step) -> Option<()> {
        match step {
            Step::Replace => world.replaced = true,
            Step::Remove => world.removed = true,
            Step::ShowCode { site } => {
                world.replaced.then_some(())?;
                self.show_code(world, site);
            }
            Step::ShowRemoval { site } => {
                world.removed.then_some(())?;
                let news = News { removal: Some(self.person.removal()), ..News::default() };
                learn(&self.fleet, site, at(&mut world.sites, site), news, START);
            }
            Step::ShowForgery { site } => self.show_forgery(world, site),
            Step::Tell { from, to } => self.tell(world, from, to),
            Step::Acknowledge { site } => self.acknowledge(world, site),
            Step::Vote { site, version } => self.vote(world, site, version),
            Step::Expire { site } => {
                let signer = ToySigner(site);
                let later = START + limits::EXHAUSTED_GRACE;
                self.fleet.site(&signer).destroy_if_due(at(&mut world.sites, site), later);
            }
        }
        Some(())
    }

    fn show_code(&self, world: &mut World, site: u8) {
        let signer = ToySigner(site);
        let account = at(&mut world.sites, site);
        if self.fault == Some(Fault::TakesARemovedAccountBack) && account.facts.is_removed() {
            *account = registered(&self.fleet, &self.person, site);
        }
        let whole = self.person.record(2);
        let taken = self.fleet.site(&signer).register(Some(account.clone()), &whole, None, START);
        if let Ok(taken) = taken {
            *account = taken;
            if self.fault == Some(Fault::GivesTriesBackForANewCode) {
                let admission = self.fleet.admission(self.person.account());
                let site = self.fleet.site(&signer);
                *account = site.register(None, &whole, Some(&admission), START).expect("fresh");
            }
        }
    }

    fn show_forgery(&self, world: &mut World, site: u8) {
        let owned = self.person.removal();
        let forged = Removal { signature: Signature64([1; 64]), ..owned };
        let removal = if self.fault == Some(Fault::TakesAnyonesRemoval) { owned } else { forged };
        let news = News { removal: Some(removal), ..News::default() };
        learn(&self.fleet, site, at(&mut world.sites, site), news, START);
    }

    fn tell(&self, world: &mut World, from: u8, to: u8) {
        let teller = ToySigner(from);
        let mut told = self.fleet.site(&teller).tell(at(&mut world.sites, from));
        if self.fault == Some(Fault::DestroysAtOthersWord) {
            told.news.votes.clear();
        }
        let box_is_gone = at(&mut world.sites, from).own.destroyed.is_some();
        let learner = ToySigner(to);
        let account = at(&mut world.sites, to);
        if self.fault == Some(Fault::TakesADestroyedBoxBack) {
            account.own.destroyed = None;
        }
        let site = self.fleet.site(&learner);
        if let Ok((learned, _)) = site.learn_from_site(Some(account.clone()), &told, START) {
            *account = learned;
        }
        if self.fault == Some(Fault::DestroysAtOthersWord) && box_is_gone {
            account.own.destroyed = account.facts.record().map(|signed| signed.record.version);
            account.facts.forget_sealed();
        }
    }

    fn acknowledge(&self, world: &mut World, site: u8) {
        let signer = ToySigner(site);
        let account = at(&mut world.sites, site);
        let mut stored = account.clone();
        if self.fault == Some(Fault::AcknowledgesBeforeItStores) && world.removed {
            let news = News { removal: Some(self.person.removal()), ..News::default() };
            learn(&self.fleet, site, &mut stored, news, START);
        }
        let words = self.fleet.site(&signer).acknowledge(&stored);
        let proofs = self.fleet.proofs();
        let id = self.person.account();
        assert!(words.iter().all(|word| proofs.acknowledged(id, word)));
        world.acknowledged.extend(words.iter().map(|word| (site, word.subject)));
    }

    fn vote(&self, world: &mut World, site: u8, version: Version) {
        let tried = self.person.tried_at_version(
            version,
            0,
            1,
            u8::try_from(version).expect("a small version"),
            START,
        );
        let account = at(&mut world.sites, site);
        let known = account.facts.record().map(|signed| signed.record.version);
        if self.fault == Some(Fault::ServesAnOldCode) && known == Some(2) && version == 1 {
            world.voted.insert((site, 1));
            return;
        }
        if let Ok(Vote::For(_)) = vote(&self.fleet, site, account, &tried, START) {
            world.voted.insert((site, version));
            let bad: Vec<u8> = (self.honest + 1..=self.person.sites).collect();
            learn(&self.fleet, site, account, votes(self.fleet.votes(&tried, &bad)), START);
        }
    }

    /// Whether a site still has what a try of this version needs.
    fn serves(&self, account: &SiteAccount, version: Version) -> bool {
        let of = account.facts.record().map(|signed| signed.record.version);
        let faulty = self.fault == Some(Fault::ServesAnOldCode);
        (of == Some(version) || faulty) && account.facts.sealed().is_some()
    }
}

fn at(sites: &mut [SiteAccount], site: u8) -> &mut SiteAccount {
    &mut sites[usize::from(site) - 1]
}

impl Model for Revocations {
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
            replaced: false,
            removed: false,
            acknowledged: BTreeSet::new(),
            voted: BTreeSet::new(),
            without: BTreeSet::new(),
            destroyed: BTreeSet::new(),
        }]
    }

    fn actions(&self, _: &World, steps: &mut Vec<Step>) {
        steps.extend([Step::Replace, Step::Remove]);
        for site in 1..=self.honest {
            steps.extend([
                Step::ShowCode { site },
                Step::ShowRemoval { site },
                Step::ShowForgery { site },
                Step::Acknowledge { site },
                Step::Vote { site, version: 1 },
                Step::Vote { site, version: 2 },
                Step::Expire { site },
            ]);
            let others = (1..=self.honest).filter(|to| *to != site);
            steps.extend(others.map(|to| Step::Tell { from: site, to }));
        }
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        self.step(&mut world, step)?;
        for (site, account) in (1u8..).zip(&mut world.sites) {
            account.own.events = Default::default();
            if account.facts.is_removed() {
                world.without.insert(site);
            }
            world.destroyed.extend(account.own.destroyed.map(|version| (site, version)));
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what is acknowledged is stored", acknowledged_is_stored),
            Property::always("a removal holds once enough sites acknowledged it", removal_holds),
            Property::always("a replaced code is dead once enough acknowledged", replacing_holds),
            Property::always("what is removed stays removed", removed_stays),
            Property::always("a destroyed box stays destroyed", destroyed_stays),
            Property::always("only the owner ends an account", owner_ends),
            Property::always(
                "a site destroys its box only when it knows why",
                own_knowledge_destroys,
            ),
            Property::always("a new code gives no tries back", no_tries_back),
        ]
    }
}

fn acknowledged_is_stored(model: &Revocations, world: &World) -> bool {
    world.acknowledged.iter().all(|(site, subject)| {
        let facts = &world.sites[usize::from(*site) - 1].facts;
        let version = facts.record().map_or(0, |signed| signed.record.version);
        let holds = match subject {
            Subject::Removed => facts.is_removed(),
            Subject::Record { version: acknowledged, .. } => version >= *acknowledged,
            Subject::Round(round) => facts.round() >= *round,
            Subject::Roster { .. } => false,
        };
        let _ = model;
        holds || (facts.is_removed() && *subject != Subject::Removed)
    })
}

/// Sites that acknowledged, bad ones among them, against sites that still serve.
fn enough(model: &Revocations, acknowledged: usize) -> bool {
    let bad = usize::from(model.bad);
    acknowledged + bad >= model.fleet.keys.revoked_despite(bad)
}

fn too_few_serve(model: &Revocations, world: &World, version: Version) -> bool {
    let serving = world.sites.iter().filter(|site| model.serves(site, version)).count();
    serving + usize::from(model.bad) < model.fleet.keys.threshold()
}

fn removal_holds(model: &Revocations, world: &World) -> bool {
    let words = world.acknowledged.iter().filter(|(_, s)| *s == Subject::Removed).count();
    !enough(model, words) || (1..=2).all(|version| too_few_serve(model, world, version))
}

fn replacing_holds(model: &Revocations, world: &World) -> bool {
    let newer = |subject: &Subject| matches!(subject, Subject::Record { version: 2, .. });
    let words = world.acknowledged.iter().filter(|(_, s)| newer(s)).count();
    !enough(model, words) || too_few_serve(model, world, 1)
}

fn removed_stays(_: &Revocations, world: &World) -> bool {
    world.without.iter().all(|site| world.sites[usize::from(*site) - 1].facts.is_removed())
}

fn destroyed_stays(_: &Revocations, world: &World) -> bool {
    world.destroyed.iter().all(|(site, version)| {
        let facts = &world.sites[usize::from(*site) - 1].facts;
        let held = facts.record().map(|signed| signed.record.version);
        held != Some(*version) || facts.sealed().is_none()
    })
}

fn owner_ends(_: &Revocations, world: &World) -> bool {
    world.removed || world.without.is_empty()
}

fn own_knowledge_destroys(model: &Revocations, world: &World) -> bool {
    world.sites.iter().filter(|site| site.own.destroyed.is_some()).all(|site| {
        site.facts.is_removed() || site.facts.next_slot(&model.fleet.keys, MAX_TRIES) > MAX_TRIES
    })
}

fn no_tries_back(_: &Revocations, world: &World) -> bool {
    !(1..=u8::MAX).any(|site| [1, 2].iter().all(|v| world.voted.contains(&(site, *v))))
}

#[test]
fn what_is_revoked_stays_revoked() {
    let checked = Revocations::new(3, 1, None).checker().threads(2).spawn_dfs().join();
    checked.assert_properties();
    assert!(checked.unique_state_count() > 300, "{}", checked.unique_state_count());
}

#[test]
fn planted_faults_of_revocations_are_found() {
    for (fault, promise) in [
        (Fault::GivesTriesBackForANewCode, "a new code gives no tries back"),
        (Fault::ServesAnOldCode, "a replaced code is dead once enough acknowledged"),
        (Fault::TakesARemovedAccountBack, "what is removed stays removed"),
        (Fault::TakesADestroyedBoxBack, "a destroyed box stays destroyed"),
        (Fault::AcknowledgesBeforeItStores, "what is acknowledged is stored"),
        (Fault::DestroysAtOthersWord, "a site destroys its box only when it knows why"),
        (Fault::TakesAnyonesRemoval, "only the owner ends an account"),
    ] {
        let found = HasDiscoveries::AnyOf([promise].into());
        let model = Revocations::new(3, 1, Some(fault));
        let checked = model.checker().threads(2).finish_when(found).spawn_bfs().join();
        assert!(checked.discovery(promise).is_some(), "{fault:?}");
    }
}

#[test]
#[ignore = "minutes: script/model"]
fn what_is_revoked_stays_revoked_in_larger_fleets() {
    assert!(deep(), "KEEPSAKE_MODEL=deep");
    for (sites, bad) in [(3, 0), (5, 2)] {
        let checked = Revocations::new(sites, bad, None).checker().threads(2).spawn_dfs().join();
        checked.assert_properties();
        println!("{sites} sites, {bad} bad: {} states", checked.unique_state_count());
    }
}
