//! People who enrol, come back, mistype, replace their code, and leave.

use super::{Course, Watch};
use crate::dice::Dice;
use crate::invariants::told;
use crate::person::Person;
use futures::future::join_all;
use std::time::Duration;
use vault_client::{Fleet as Client, Owner, VaultError};
use vault_protocol::CodeOrigin;

/// An enrolment that comes to nothing is begun again so often.
const ATTEMPTS: u32 = 5;

/// The first has an own code, the second a generated one; who cannot enrol in this weather is not
/// there.
pub(super) async fn enrolled(watch: &Watch, course: &Course) -> Vec<Person> {
    let dice = Dice::new(course.seed, "people");
    let mut people = Vec::new();
    for (name, client) in ["ada", "bea"].into_iter().zip(1..).take(course.people as usize) {
        let origin = if client == 1 { CodeOrigin::Own } else { CodeOrigin::Generated };
        let mut person = Person::new(name, origin, &dice);
        let vault = watch.fleet.client(client);
        for version in 1..=ATTEMPTS {
            if enroll(watch, &vault, &mut person, version).await {
                people.push(person);
                break;
            }
        }
    }
    people
}

/// Everybody at once, each one thing after the other.
pub(super) async fn live(watch: &Watch, course: &Course, people: &mut [Person]) {
    let lives = people.iter_mut().zip(1..).map(|(person, client)| async move {
        let dice = Dice::new(course.seed, &person.name);
        let vault = watch.fleet.client(client);
        for _ in 0..course.acts {
            tokio::time::sleep(dice.millis(0, 30_000)).await;
            act(watch, &vault, person, &dice).await;
        }
    });
    join_all(lives).await;
}

async fn act(watch: &Watch, vault: &Client, person: &mut Person, dice: &Dice) {
    match dice.below(20) {
        0..=7 => recover(watch, vault, person).await.map_or((), drop),
        8..=10 => mistype(watch, vault, person, dice).await,
        11..=12 => {
            let next = person.version + 1 + u32::try_from(dice.below(2)).unwrap_or(0);
            enroll(watch, vault, person, next).await;
        }
        13..=14 => reset(watch, vault, person).await,
        15 if dice.in_1000(300) => remove(watch, vault, person).await,
        15..=16 => carry(watch, vault, person).await,
        _ => look(watch, vault, person).await,
    }
}

/// Registers a code; says whether it was told to be stored.
pub(crate) async fn enroll(
    watch: &Watch,
    vault: &Client,
    person: &mut Person,
    version: u32,
) -> bool {
    let account = person.account();
    watch.learn(account, |truth| {
        truth.begun.insert(version);
    });
    match person.enroll(vault, version).await {
        Ok(enrolled) => {
            watch.told(
                person,
                format_args!("code {version} is stored: {:?}", enrolled.carried.spread),
            );
            watch.learn(account, |truth| {
                truth.stored.insert(version, enrolled.vault_key.clone());
                truth.boxes.insert(version, enrolled.boxes.clone());
            });
            told::carried(watch, person, &enrolled.carried).await;
            true
        }
        Err(error) => {
            watch.told(person, format_args!("code {version}: {error}"));
            told::failed(watch, person, None, &error).await;
            false
        }
    }
}

/// The right code, with a wait if there is one. Gives the error that it ended with.
pub(crate) async fn recover(
    watch: &Watch,
    vault: &Client,
    person: &mut Person,
) -> Option<VaultError> {
    for _ in 0..2 {
        watch.learn(person.account(), |truth| truth.asked += 1);
        let mut outcome = person.recover(vault).await;
        // What was not evaluated by enough sites is gone on with.
        for _ in 0..2 {
            let (Err(VaultError::Unfinished(unfinished))
            | Err(VaultError::FalseShares(unfinished))) = outcome
            else {
                break;
            };
            watch.told(person, "the guess is not finished");
            outcome = vault.resume(*unfinished).await;
            if let Ok(recovered) = &outcome {
                person.errands.extend(recovered.errand.clone());
            }
        }
        match outcome {
            Ok(recovered) => {
                watch.told(person, format_args!("the key, and {:?}", recovered.spread));
                told::recovered(watch, person, &recovered).await;
                return None;
            }
            Err(VaultError::TooSoon { seconds }) => {
                told::failed(watch, person, Some(true), &VaultError::TooSoon { seconds }).await;
                watch.told(person, format_args!("to wait {seconds} s"));
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            Err(error) => {
                watch.told(person, &error);
                told::failed(watch, person, Some(true), &error).await;
                return Some(error);
            }
        }
    }
    Some(VaultError::TooSoon { seconds: 0 })
}

async fn mistype(watch: &Watch, vault: &Client, person: &mut Person, dice: &Dice) {
    watch.learn(person.account(), |truth| truth.asked += 1);
    let code = format!("mistyped {}", dice.below(1000));
    match person.try_code(vault, &code).await {
        Ok(_) => watch.violated(format_args!("{} came back with {code}", person.name)),
        Err(error) => {
            watch.told(person, format_args!("of {code}: {error}"));
            told::failed(watch, person, Some(false), &error).await;
        }
    }
}

pub(crate) async fn reset(watch: &Watch, vault: &Client, person: &mut Person) {
    let Ok(seen) = vault.look(person.account()).await else { return };
    let sign = |message: &[u8]| person.sign(message);
    let owner = Owner { claim: person.claim(), sign: &sign };
    let carried = vault.reset(&owner, seen.round()).await;
    watch.told(person, format_args!("tries back: {:?}", carried.spread));
    told::carried(watch, person, &carried).await;
    person.errands.extend(carried.errand);
}

async fn remove(watch: &Watch, vault: &Client, person: &mut Person) {
    watch.learn(person.account(), |truth| truth.removing = true);
    let sign = |message: &[u8]| person.sign(message);
    let owner = Owner { claim: person.claim(), sign: &sign };
    let carried = vault.remove(&owner).await;
    watch.told(person, format_args!("removed: {:?}", carried.spread));
    told::carried(watch, person, &carried).await;
    person.errands.extend(carried.errand);
}

pub(crate) async fn carry(watch: &Watch, vault: &Client, person: &mut Person) {
    for errand in std::mem::take(&mut person.errands) {
        let carried = vault.carry(errand).await;
        let line = format_args!("{:?}: {:?}", carried.matter, carried.spread);
        watch.told(person, line);
        told::carried(watch, person, &carried).await;
        person.errands.extend(carried.errand);
    }
}

async fn look(watch: &Watch, vault: &Client, person: &mut Person) {
    match vault.look(person.account()).await {
        Ok(seen) => {
            watch.told(person, format_args!("{:?} in round {}", seen.code(), seen.round()));
            told::seen(watch, person, &seen).await;
        }
        Err(error) => {
            watch.told(person, &error);
            told::failed(watch, person, None, &error).await;
        }
    }
}
