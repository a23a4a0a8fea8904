//! Every trick against every verb: the right result, liars named truly, and nothing told that is
//! not so.

use super::support::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use vault_client::{Code, Lie, SiteNotes, VaultError};
use vault_protocol::{Answer, CodeOrigin, Refusal, Request, Response, Shown};
use vault_simulation::corrupt::{CorruptSite, Trick};
use vault_simulation::tricks::*;

fn tricks() -> Vec<(&'static str, Arc<dyn Trick>)> {
    let refuse = |refusal| Arc::new(FalseRefusals(refusal)) as Arc<dyn Trick>;
    let far = vault_simulation::clock::START + 1_000_000;
    vec![
        ("equivocate", Arc::new(Equivocate)),
        ("withhold everything", Arc::new(Withhold::Everything)),
        ("withhold votes", Arc::new(Withhold::Votes)),
        ("withhold shares", Arc::new(Withhold::Shares)),
        ("withhold receipts", Arc::new(Withhold::Receipts)),
        ("withhold acknowledgements", Arc::new(Withhold::Acknowledgements)),
        ("replay", Arc::new(Replay::default())),
        ("clock ahead", Arc::new(WrongClock(86_400))),
        ("clock behind", Arc::new(WrongClock(-86_400))),
        ("clock a little ahead", Arc::new(WrongClock(200))),
        ("stale state", Arc::new(StaleState::default())),
        ("false acknowledgements", Arc::new(FalseAcknowledgements)),
        ("false shares", Arc::new(FalseShares)),
        ("forged facts", Arc::new(ForgedFacts)),
        ("says destroyed", refuse(Refusal::Destroyed)),
        ("says removed", refuse(Refusal::Removed)),
        ("says frozen", refuse(Refusal::Frozen { until: far })),
        ("says too soon", refuse(Refusal::TooSoon { at: far })),
        ("says wrong access", refuse(Refusal::WrongAccess)),
        ("says wrong round", refuse(Refusal::WrongRound { current: 1 << 40 })),
        ("says wrong slot", refuse(Refusal::WrongSlot { next: 10 })),
        ("says wrong version", refuse(Refusal::WrongVersion { current: 9 })),
        ("says no account", refuse(Refusal::NoSuchAccount)),
        ("says wrong time", refuse(Refusal::WrongTime { clock: 1 })),
        ("says busy", refuse(Refusal::Busy { seconds: 9 })),
        ("says away", refuse(Refusal::Unavailable { reason: "so".into() })),
        ("answers something else", scripted(|_, _, _| Some(Ok(Answer::Events(vec![]))))),
        (
            "says it has destroyed its box",
            own_state(|shown| {
                shown.own.code = vault_protocol::CodeState::Destroyed;
            }),
        ),
        ("says that it waits", own_state(|shown| shown.own.next_vote_at = u64::MAX)),
        (
            "shows nothing of the account",
            own_state(|shown| {
                shown.record = None;
                shown.news = Default::default();
            }),
        ),
    ]
}

fn own_state(change: fn(&mut Shown)) -> Arc<dyn Trick> {
    scripted(move |_: &CorruptSite, request: &Request, honest: Response| match (request, honest) {
        (Request::Show { .. }, Ok(Answer::Shown(mut shown))) => {
            change(&mut shown);
            Some(Ok(Answer::Shown(shown)))
        }
        (_, honest) => Some(honest),
    })
}

/// Only sites that lie are named.
fn named_truly(notes: &SiteNotes, corrupt: &[u8], trick: &str) {
    let honest = |liar: &&vault_protocol::SiteIndex| !corrupt.contains(&liar.0);
    let accused: BTreeMap<_, _> = notes.liars.iter().filter(|(liar, _)| honest(liar)).collect();
    assert!(accused.is_empty(), "{trick}: {accused:?}");
}

#[tokio::test(start_paused = true)]
async fn two_liars_of_five_do_not_keep_a_person_from_the_key() {
    for (name, trick) in tricks() {
        {
            let liars = [2, 5];
            let world = World::with(CodeOrigin::Own).await;
            world.corrupt(&liars, trick).await;
            // After a first guess, lies about slots and rounds have something to be about.
            let first = world.ada.try_code(&world.client, "wrong").await;
            let told = matches!(&first, Err(VaultError::WrongCode(wrong)) if wrong.spent);
            assert!(told, "{name}: {first:?}");
            let recovered = world.ada.try_code(&world.client, &world.ada.code).await;
            let recovered = recovered.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(recovered.vault_key, world.key, "{name}");
            named_truly(&recovered.notes, &liars, name);
            assert!(world.guesses().await <= 3, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_liars_do_not_change_what_is_seen() {
    for (name, trick) in tricks() {
        let world = World::with(CodeOrigin::Own).await;
        world.guess_wrong(2).await;
        world.corrupt(&[3, 4], trick).await;
        let seen = world.client.look(world.ada.account()).await;
        let seen = seen.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(seen.code(), Code::Open { tries_left: 8 }, "{name}");
        assert_eq!((seen.round(), seen.wait_seconds()), (1, 0), "{name}");
        assert_eq!(seen.record().map(|record| record.version), Some(1), "{name}");
        named_truly(&seen.notes, &[3, 4], name);
    }
}

#[tokio::test(start_paused = true)]
async fn two_liars_do_not_keep_a_code_from_being_registered() {
    for (name, trick) in tricks() {
        let mut world = World::with(CodeOrigin::Own).await;
        world.corrupt(&[1, 4], trick).await;
        let enrolled = world.ada.enroll(&world.client, 2).await;
        let enrolled = enrolled.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(enrolled.boxes.is_superset(&sites(&[2, 3, 5])), "{name}: {:?}", enrolled.boxes);
        named_truly(&enrolled.carried.notes, &[1, 4], name);
        let recovered = world.ada.try_code(&world.client, &world.ada.code).await;
        let recovered = recovered.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(recovered.vault_key, enrolled.vault_key, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_liars_do_not_turn_a_wrong_code_into_a_right_one_or_into_two_guesses() {
    for (name, trick) in tricks() {
        let world = World::with(CodeOrigin::Own).await;
        world.corrupt(&[2, 3], trick).await;
        let before = world.guesses().await;
        for n in 1..=3 {
            match world.ada.try_code(&world.client, "wrong").await {
                Err(VaultError::WrongCode(wrong)) => {
                    assert!(wrong.spent, "{name}");
                    named_truly(&wrong.notes, &[2, 3], name);
                }
                other => panic!("{name}: {other:?}"),
            }
            assert!(world.guesses().await <= before + n, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_generated_code_stays_free_whatever_two_sites_say() {
    for (name, trick) in tricks() {
        let world = World::with(CodeOrigin::Generated).await;
        world.corrupt(&[1, 5], trick).await;
        let before = world.guesses().await;
        match world.ada.try_code(&world.client, "wrong").await {
            Err(VaultError::WrongCode(wrong)) => assert!(!wrong.spent, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(world.guesses().await, before, "{name}");
    }
}

/// With two sites away one liar can keep three answers from fitting together. That is not told as a
/// wrong code.
#[tokio::test(start_paused = true)]
async fn a_right_code_is_not_called_wrong_when_a_lie_explains_it() {
    let world = World::with(CodeOrigin::Generated).await;
    world.kill(&[4, 5]);
    world.corrupt(&[1], Arc::new(FalseShares)).await;
    let stopped = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::FalseShares(unfinished)) = stopped else { panic!("{stopped:?}") };
    world.start(&[4, 5]).await;
    let recovered = world.client.resume(*unfinished).await.unwrap();
    assert_eq!(recovered.vault_key, world.key);
    assert!(recovered.notes.liars[&site(1)].contains(&Lie::WrongShare));

    let world = World::with(CodeOrigin::Own).await;
    world.kill(&[4, 5]);
    world.corrupt(&[1], Arc::new(FalseShares)).await;
    let stopped = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::WrongCode(wrong)) = stopped else { panic!("{stopped:?}") };
    assert_eq!(wrong.unless_lying, 1, "one lie explains it");
    world.start(&[4, 5]).await;
    let recovered = world.client.resume(*wrong.unfinished.unwrap()).await.unwrap();
    assert_eq!(recovered.vault_key, world.key);
}

/// Who answers for all sites of one try cannot test three guesses with it (R1): shares count only
/// on the polynomial that the owner committed to.
#[tokio::test(start_paused = true)]
async fn shares_that_fit_among_themselves_and_not_the_record_open_nothing() {
    let world = World::with(CodeOrigin::Own).await;
    let other = World::of(Plan::fair(44), CodeOrigin::Own).await;
    assert_ne!(world.key, other.key);
    let makes_up = scripted(|site, request, honest| match (request, honest) {
        (Request::Evaluate { .. }, Ok(Answer::Share { beta, .. })) => {
            Some(Ok(Answer::Share { beta, masked_share: [site.has.index.0; 32] }))
        }
        (_, honest) => Some(honest),
    });
    world.corrupt(&[1, 2, 3, 4, 5], makes_up).await;
    let stopped = world.ada.try_code(&world.client, &world.ada.code).await;
    let Err(VaultError::WrongCode(wrong)) = stopped else { panic!("{stopped:?}") };
    assert_eq!(wrong.unless_lying, 3, "three of five lied");
}

#[tokio::test(start_paused = true)]
async fn a_vote_for_another_is_not_taken_for_a_vote() {
    let world = World::with(CodeOrigin::Own).await;
    let signs_as_another = scripted(|site, request, honest| match (request, honest) {
        (Request::Vote { .. }, Ok(Answer::Voted(vote))) => {
            let other = vault_protocol::SiteIndex(site.has.index.0 % 5 + 1);
            Some(Ok(Answer::Voted(vault_protocol::Statement { site: other, ..vote })))
        }
        (_, honest) => Some(honest),
    });
    // The liars are the faster ones.
    for i in [3, 4, 5] {
        world.fleet.device(site(i)).set_latency(50);
    }
    world.corrupt(&[1, 2], signs_as_another).await;
    let recovered = world.ada.try_code(&world.client, &world.ada.code).await.unwrap();
    let lies: Vec<_> = recovered.notes.liars.keys().map(|liar| liar.0).collect();
    assert!(!lies.is_empty() && lies.iter().all(|liar| [1, 2].contains(liar)), "{lies:?}");
}

#[tokio::test(start_paused = true)]
async fn who_votes_twice_in_a_slot_is_named() {
    let world = World::with(CodeOrigin::Own).await;
    world.corrupt(&[2], Arc::new(Equivocate)).await;
    let another = world.fleet.client(2);
    // Two clients in one slot: the site votes for both, and shows each the other's vote later.
    let (one, two) = tokio::join!(
        world.ada.try_code(&world.client, "wrong"),
        world.ada.try_code(&another, "wrong too"),
    );
    let mut caught = false;
    for outcome in [one, two] {
        if let Err(VaultError::WrongCode(wrong)) = outcome {
            let lies = wrong.notes.liars.get(&site(2)).cloned().unwrap_or_default();
            caught |= lies.contains(&Lie::VotedTwice);
        }
    }
    settle().await;
    let seen = world.client.look(world.ada.account()).await.unwrap();
    caught |= seen.notes.liars.contains_key(&site(2));
    assert!(caught || world.guesses().await <= 3);
}
