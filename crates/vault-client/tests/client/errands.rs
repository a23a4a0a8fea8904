//! An errand as bytes: from a file that anybody may have written to.

use super::support::*;
use vault_client::{Errand, MAX_ERRAND};
use vault_protocol::CodeOrigin;

async fn stored() -> (World, Vec<u8>) {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.kill(&[5]);
    world.ada.recover(&world.client).await.unwrap();
    let stored = world.ada.errands.pop().unwrap().to_bytes();
    (world, stored)
}

#[tokio::test(start_paused = true)]
async fn an_errand_survives_being_stored() {
    let (_, stored) = stored().await;
    let errand = Errand::from_bytes(&stored).unwrap();
    assert_eq!(errand.to_bytes(), stored);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_errand_is_refused() {
    let (_, stored) = stored().await;
    assert!(Errand::from_bytes(&[]).is_err());
    assert!(Errand::from_bytes(&stored[1..]).is_err());
    assert!(Errand::from_bytes(&stored[..stored.len() - 1]).is_err());
    assert!(Errand::from_bytes(&[&stored[..], &[0]].concat()).is_err());
    assert!(Errand::from_bytes(&vec![0; MAX_ERRAND + 1]).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_changed_errand_never_counts_a_word_that_was_not_given() {
    let (world, stored) = stored().await;
    world.kill(&[1, 2, 3, 4]);
    for at in (0..stored.len()).step_by(7) {
        let mut changed = stored.clone();
        changed[at] ^= 0x41;
        let Ok(errand) = Errand::from_bytes(&changed) else { continue };
        let carried = world.client.carry(errand).await;
        assert!(!carried.spread.is_everywhere(), "byte {at}: {:?}", carried.spread);
        assert!(!carried.spread.acknowledged().contains(&site(5)), "it was never asked");
    }
}

#[tokio::test(start_paused = true)]
async fn an_errand_of_another_fleet_is_given_back() {
    let (_, stored) = stored().await;
    let errand = Errand::from_bytes(&stored).unwrap();
    let other = Fleet::start(Plan::fair(99)).await;
    let carried = other.client(1).carry(errand.clone()).await;
    assert_eq!(carried.errand, Some(errand));
    assert_eq!(carried.spread.count(), 0);
}
