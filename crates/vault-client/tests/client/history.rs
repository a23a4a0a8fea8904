//! An account's history: every site's own, side by side.

use super::support::*;
use vault_client::{SiteProblem, VaultError};
use vault_protocol::{AccountEvent, Answer, CodeOrigin, EventKind, Request};
use vault_simulation::tricks::scripted;

#[tokio::test(start_paused = true)]
async fn every_event_is_told_once_with_the_sites_that_saw_it() {
    let mut world = World::with(CodeOrigin::Own).await;
    world.guess_wrong(1).await;
    world.recovers().await;
    settle().await;
    let history = world.client.events(world.ada.account()).await.unwrap();
    let kinds: Vec<_> = history.events.iter().map(|event| event.kind).collect();
    let expected = [
        EventKind::Registered { version: 1 },
        EventKind::Tried { version: 1, slot: 1 },
        EventKind::Confirmed { round: 1 },
        EventKind::Tried { version: 1, slot: 1 },
        EventKind::Tried { version: 1, slot: 2 },
        EventKind::Confirmed { round: 2 },
    ];
    for kind in expected {
        assert!(kinds.contains(&kind), "{kind:?}: {kinds:?}");
    }
    let confirmed = history.events.iter().find(|e| e.kind == EventKind::Confirmed { round: 2 });
    assert_eq!(confirmed.unwrap().sites.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_one_site_alone_tells_can_be_seen_as_that() {
    let world = World::with(CodeOrigin::Own).await;
    let invents = scripted(|_, request, honest| match (request, honest) {
        (Request::Events { .. }, Ok(Answer::Events(mut events))) => {
            let at = vault_simulation::clock::START;
            events.push(AccountEvent { at, kind: EventKind::PasskeyAdded });
            Some(Ok(Answer::Events(events)))
        }
        (_, honest) => Some(honest),
    });
    world.corrupt(&[4], invents).await;
    let history = world.client.events(world.ada.account()).await.unwrap();
    let invented = history.events.iter().find(|e| e.kind == EventKind::PasskeyAdded).unwrap();
    assert_eq!(invented.sites, sites(&[4]));
}

#[tokio::test(start_paused = true)]
async fn two_sites_tell_no_history() {
    let world = World::with(CodeOrigin::Own).await;
    world.kill(&[1, 2, 3]);
    let refused = world.client.events(world.ada.account()).await;
    assert!(matches!(refused, Err(VaultError::TooFewSites(_))), "{refused:?}");
    world.start(&[1, 2, 3]).await;
    let refused = world.client.events(NOBODY).await;
    assert!(matches!(refused, Err(VaultError::NoSuchAccount)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn every_site_is_asked_to_prove_itself() {
    let world = World::with(CodeOrigin::Own).await;
    world.kill(&[2]);
    let proofs = world.client.prove([7; 32]).await;
    assert_eq!(proofs.len(), 5);
    // A simulated device has no log to prove anything with.
    let refused = |problem: &SiteProblem| matches!(problem, SiteProblem::Refused(_));
    assert!(proofs[&site(1)].as_ref().is_err_and(refused), "{:?}", proofs[&site(1)]);
    assert!(matches!(proofs[&site(2)], Err(SiteProblem::Network(_))));
}
