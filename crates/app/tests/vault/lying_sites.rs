//! Bad sites, and what a person is told: nothing that is not so, and who was caught.

use crate::support::World;
use std::sync::Arc;
use vault_protocol::{Refusal, SiteIndex};
use vault_simulation::corrupt::Trick;
use vault_simulation::tricks::{
    Equivocate, FalseAcknowledgements, FalseRefusals, FalseShares, ForgedFacts, Replay, StaleState,
    Withhold, WrongClock,
};

#[tokio::test(start_paused = true)]
async fn one_fast_site_that_says_all_is_done_is_one_site() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    world.fleet.corrupt(SiteIndex(1), Some(Arc::new(FalseAcknowledgements))).await;
    world.kill(&[4, 5]);
    let recovered = world.computer("new").recovers(&backup, &code).await.unwrap();
    assert!(!recovered.confirmed && recovered.spread.acknowledged <= 3, "{recovered:?}");
}

#[tokio::test(start_paused = true)]
async fn false_shares_are_found_and_their_site_is_named() {
    let world = World::new().await;
    let backup = world.backup("ada");
    let code = world.computer("ada").protects(&world, &backup).await;
    world.fleet.corrupt(SiteIndex(2), Some(Arc::new(FalseShares))).await;
    let recovered = world.computer("new").recovers(&backup, &code).await.unwrap();
    let [caught] = &recovered.caught[..] else { panic!("{:?}", recovered.caught) };
    assert_eq!((caught.index, caught.region.as_str()), (2, "region-2"));
    assert!(caught.what[0].contains("share"), "{:?}", caught.what);
}

#[tokio::test(start_paused = true)]
async fn with_one_bad_site_of_each_kind_every_person_gets_through() {
    let tricks: Vec<Arc<dyn Trick>> = vec![
        Arc::new(Equivocate),
        Arc::new(FalseAcknowledgements),
        Arc::new(FalseRefusals(Refusal::Destroyed)),
        Arc::new(FalseRefusals(Refusal::NoSuchAccount)),
        Arc::new(FalseShares),
        Arc::new(ForgedFacts),
        Arc::new(Replay::default()),
        Arc::new(StaleState::default()),
        Arc::new(Withhold::Shares),
        Arc::new(Withhold::Acknowledgements),
        Arc::new(WrongClock(3600)),
    ];
    for trick in tricks {
        let name = trick.name();
        let world = World::new().await;
        let backup = world.backup("ada");
        world.fleet.corrupt(SiteIndex(3), Some(trick)).await;
        let ada = world.computer("ada");
        let code = ada.protects(&world, &backup).await;
        world
            .computer("new")
            .recovers(&backup, &code)
            .await
            .unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let status = ada.status().await;
        assert_eq!(status.tries_left, 10, "{name}");
        assert!(
            status.sites.iter().all(|site| site.index == 3 || site.caught.is_empty()),
            "{name}: {status:?}"
        );
    }
}
