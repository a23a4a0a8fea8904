//! Nothing is told that is not so.

use crate::person::Person;
use crate::scenario::Watch;
use vault_client::{
    Carried, Code, HeaderPart, Matter, Recovered, Seen, SiteNotes, Spread, VaultError,
};
use vault_protocol::limits::{FIRST_DELAYED_TRY, delay_before_try};
use vault_protocol::{AccountId, Slot};
use vault_state::SiteAccount;

/// A key was given: it is the one that was registered with this code.
pub async fn recovered(watch: &Watch, person: &Person, recovered: &Recovered) {
    let truth = watch.truth(person.account());
    let right = truth.stored.get(&person.version);
    if right != Some(&recovered.vault_key) {
        watch.violated(format_args!("{} was given another key", person.name));
    }
    if truth.removed.is_some() {
        watch.violated(format_args!("{} came back to a removed account", person.name));
    }
    named(watch, &recovered.notes);
}

/// Something is on its way: the honest sites among those that are said to have stored it have.
pub async fn carried(watch: &Watch, person: &Person, carried: &Carried) {
    let account = person.account();
    for site in carried.spread.acknowledged() {
        if watch.bad.contains(site) {
            continue;
        }
        let stored = watch.fleet.stored(*site, account).await;
        if !stored.is_some_and(|stored| has(&stored, carried.matter)) {
            let what = format_args!("site {site} has not stored {:?}", carried.matter);
            watch.violated(what);
        }
    }
    note_revocation(watch, account, carried.matter, &carried.spread).await;
    named(watch, &carried.notes);
}

async fn note_revocation(watch: &Watch, account: AccountId, matter: Matter, spread: &Spread) {
    if !spread.holds_despite(watch.bad.len()) {
        return;
    }
    match matter {
        Matter::Removed => {
            let evaluated = watch.evaluated().await.into_keys().collect();
            watch.learn(account, |truth| {
                truth.removed.get_or_insert(evaluated);
            });
        }
        Matter::Record(version) => {
            watch.learn(account, |truth| truth.replaced = truth.replaced.max(version));
        }
        Matter::Round(_) | Matter::Roster(_) => {}
    }
}

fn has(stored: &SiteAccount, matter: Matter) -> bool {
    let facts = &stored.facts;
    if facts.is_removed() {
        return true;
    }
    match matter {
        Matter::Removed => false,
        Matter::Round(round) => facts.round() >= round,
        Matter::Roster(number) => facts.roster().is_some_and(|r| r.roster.number >= number),
        Matter::Record(version) => facts.record().is_some_and(|r| r.record.version >= version),
    }
}

/// What was seen of an account.
pub async fn seen(watch: &Watch, person: &Person, seen: &Seen) {
    let truth = watch.truth(person.account());
    let stored = watch.stored(person.account()).await;
    match seen.code() {
        Code::Removed if !truth.removing => watch.violated("an account is called removed"),
        Code::Destroyed | Code::Frozen { .. } if !any_used_up(watch, &stored) => {
            watch.violated("a code is called used up");
        }
        Code::Open { tries_left } => {
            let spent = most_spent(watch, &stored, seen.round());
            let left = 10u8.saturating_sub(spent);
            if tries_left < left {
                watch.violated(format_args!("{tries_left} tries are said to be left of {left}"));
            }
        }
        Code::None => watch.violated("a code is said not to be there"),
        Code::Removed | Code::Destroyed | Code::Frozen { .. } => {}
    }
    if seen.newest_version() > truth.begun.last().copied().unwrap_or(0) {
        watch.violated("a version is shown that was never made");
    }
    named(watch, &seen.notes);
}

/// Something came to nothing. `right`: whether the code that was tried is the right one.
pub async fn failed(watch: &Watch, person: &Person, right: Option<bool>, error: &VaultError) {
    let truth = watch.truth(person.account());
    let stored = watch.stored(person.account()).await;
    let bad = watch.bad.len();
    let is_right = right == Some(true);
    let newest = truth.begun.last().copied().unwrap_or(0);
    let so = match error {
        VaultError::WrongCode(wrong) => {
            named(watch, &wrong.notes);
            !is_right || (wrong.spent && wrong.unless_lying <= bad) || newest > person.version
        }
        VaultError::HeaderAltered(HeaderPart::Version) => !watch.bad.is_empty(),
        VaultError::HeaderAltered(_) | VaultError::OlderFleet | VaultError::NoCode => false,
        VaultError::OtherKeys { .. } | VaultError::NotOwner | VaultError::Input(_) => false,
        VaultError::OldCode { current } => *current <= newest && *current >= person.version,
        VaultError::Removed => truth.removing,
        VaultError::Destroyed | VaultError::Frozen { .. } => any_used_up(watch, &stored),
        VaultError::TooSoon { seconds } => {
            let spent = any_spent(watch, &stored);
            spent >= FIRST_DELAYED_TRY - 1 && *seconds <= delay_before_try(10)
        }
        VaultError::NoSuchAccount => stored.len() < watch.fleet.keys().threshold(),
        VaultError::FalseShares(unfinished) => {
            named(watch, unfinished.notes());
            !watch.bad.is_empty()
        }
        VaultError::NotStored(carried) => {
            named(watch, &carried.notes);
            true
        }
        VaultError::TooFewSites(few) => {
            named(watch, &few.notes);
            true
        }
        _ => true,
    };
    if !so {
        watch.violated(format_args!("{} is told what is not so: {error:?}", person.name));
    }
}

/// Only sites that are bad are called liars.
fn named(watch: &Watch, notes: &SiteNotes) {
    for (site, lies) in &notes.liars {
        if !watch.bad.contains(site) {
            watch.violated(format_args!("site {site} is called a liar: {lies:?}"));
        }
    }
}

fn any_used_up(watch: &Watch, stored: &[(vault_protocol::SiteIndex, SiteAccount)]) -> bool {
    any_spent(watch, stored) >= 10
}

/// Slots that some honest site can show to be spent, in its round.
fn any_spent(watch: &Watch, stored: &[(vault_protocol::SiteIndex, SiteAccount)]) -> Slot {
    let keys = watch.fleet.keys();
    let spent = |(_, stored): &(_, SiteAccount)| stored.facts.next_slot(&keys, 10) - 1;
    stored.iter().map(spent).max().unwrap_or(0)
}

/// Slots that all honest sites together know to be spent, in this round.
fn most_spent(
    watch: &Watch,
    stored: &[(vault_protocol::SiteIndex, SiteAccount)],
    round: vault_protocol::Round,
) -> Slot {
    let threshold = watch.fleet.keys().threshold();
    let voters = |slot: Slot| {
        let of_round = stored.iter().filter(|(_, stored)| stored.facts.round() == round);
        let voters = of_round.flat_map(|(_, stored)| stored.facts.voters(slot));
        voters.collect::<std::collections::BTreeSet<_>>().len()
    };
    let bad = watch.bad.len();
    (1..=10).take_while(|slot| voters(*slot) + bad >= threshold).last().unwrap_or(0)
}
