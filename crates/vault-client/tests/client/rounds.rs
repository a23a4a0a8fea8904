//! A right code gives all tries back: counted by signatures, carried on with until every site
//! knows.

use super::support::*;
use std::sync::Arc;
use std::time::Duration;
use vault_client::{Errand, Lie, Matter};
use vault_protocol::{Acknowledgement, Answer, CodeOrigin, Request, StatementOf, Subject};
use vault_simulation::tricks::{FalseAcknowledgements, Withhold, scripted};

#[tokio::test(start_paused = true)]
async fn with_two_sites_away_three_agree_and_the_rest_follows() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.kill(&[4, 5]);
    let (recovered, took) = timed(world.ada.recover(&world.client)).await;
    let recovered = recovered.unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(recovered.spread.is_stored() && !recovered.spread.is_settled());
    assert_eq!(recovered.spread.acknowledged(), &sites(&[1, 2, 3]));
    assert_eq!(recovered.errand.unwrap().matter(), Matter::Round(2));
    world.start(&[4, 5]).await;
    world.ada.carry(&world.client).await;
    assert!(world.ada.errands.is_empty());
    assert_eq!(world.rounds().await, [2; 5]);
}

#[tokio::test(start_paused = true)]
async fn two_hung_sites_cost_nothing() {
    let mut world = World::with(CodeOrigin::Generated).await;
    let (_, fast) = timed(world.ada.recover(&world.client)).await;
    world.hang(&[1, 2], true);
    let (recovered, took) = timed(world.ada.recover(&world.client)).await;
    let recovered = recovered.unwrap();
    assert_eq!(recovered.vault_key, world.key);
    assert!(took < fast + Duration::from_millis(700), "{took:?} instead of {fast:?}");
}

#[tokio::test(start_paused = true)]
async fn an_errand_survives_a_restart_of_the_program() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.kill(&[5]);
    world.ada.recover(&world.client).await.unwrap();
    let stored = world.ada.errands.pop().unwrap().to_bytes();
    world.start(&[5]).await;
    let errand = Errand::from_bytes(&stored).unwrap();
    let carried = world.fleet.client(2).carry(errand).await;
    assert!(carried.spread.is_everywhere() && carried.errand.is_none());
}

/// One fast site says that the round is over: its word is one signature.
#[tokio::test(start_paused = true)]
async fn one_site_that_says_all_is_done_is_one_word() {
    let mut world = World::with(CodeOrigin::Generated).await;
    let all_done = scripted(|site, request, honest| {
        let Request::Confirm { account, .. } = request else { return Some(honest) };
        let subject = Subject::Round(99);
        let of = StatementOf::Acknowledgement { account: *account, subject: &subject };
        let statement = site.signs(&of);
        let word = Acknowledgement { subject, statement };
        Some(Ok(Answer::Acknowledged {
            words: vec![word; 5],
            certificates: vec![site.certificate],
        }))
    });
    world.corrupt(&[1], all_done).await;
    let recovered = world.ada.recover(&world.client).await.unwrap();
    assert_eq!(recovered.vault_key, world.key);
    assert!(recovered.spread.count() >= 4, "the others were confirmed to all the same");
    assert_eq!(world.rounds().await[1..], [2; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_site_cannot_speak_for_others() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.hang(&[3, 4, 5], true);
    let speaks_for_all = scripted(|site, request, honest| {
        let Request::Learn { account, .. } = request else { return Some(honest) };
        let Ok(Answer::Acknowledged { mut words, mut certificates }) = honest else {
            return Some(honest);
        };
        let subject = Subject::Round(2);
        let of = StatementOf::Acknowledgement { account: *account, subject: &subject };
        for other in 3..=5 {
            let own = site.signs(&of);
            let statement =
                vault_protocol::Statement { site: vault_protocol::SiteIndex(other), ..own };
            words.push(Acknowledgement { subject, statement });
        }
        certificates.push(site.certificate);
        Some(Ok(Answer::Acknowledged { words, certificates }))
    });
    world.corrupt(&[1], speaks_for_all).await;
    world.hang(&[3], false);
    world.ada.recover(&world.client).await.unwrap();
    let errand = world.ada.errands.pop().unwrap();
    world.hang(&[3], true);
    let carried = world.client.carry(errand).await;
    assert!(carried.spread.acknowledged().is_subset(&sites(&[1, 2, 3])), "{:?}", carried.spread);
}

#[tokio::test(start_paused = true)]
async fn false_acknowledgements_are_counted_as_what_they_are_and_no_more() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.corrupt(&[1], Arc::new(FalseAcknowledgements)).await;
    world.kill(&[4, 5]);
    let recovered = world.ada.recover(&world.client).await.unwrap();
    assert_eq!(recovered.spread.acknowledged(), &sites(&[1, 2, 3]));
    assert!(!recovered.spread.is_settled(), "with one liar among three, two honest sites know");
    world.start(&[4]).await;
    world.ada.carry(&world.client).await;
    let known = world.rounds().await.iter().filter(|round| **round == 2).count();
    assert!(known >= 3, "settled despite one liar");
}

#[tokio::test(start_paused = true)]
async fn a_code_whose_confirmation_is_withheld_still_opens() {
    let mut world = World::with(CodeOrigin::Generated).await;
    world.corrupt(&[1, 2], Arc::new(Withhold::Receipts)).await;
    world.kill(&[5]);
    let (recovered, took) = timed(world.ada.recover(&world.client)).await;
    let recovered = recovered.unwrap();
    assert_eq!(recovered.vault_key, world.key);
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert_eq!(recovered.spread.count(), 0, "two receipts end no round");
    // The right code is shown to the third site as soon as it is there.
    world.start(&[5]).await;
    world.ada.carry(&world.client).await;
    assert_eq!(world.rounds().await[2..], [2; 3]);
}

#[tokio::test(start_paused = true)]
async fn false_receipts_end_nothing_and_are_named() {
    let mut world = World::with(CodeOrigin::Generated).await;
    let false_receipt = scripted(|site, request, honest| {
        let Request::Confirm { account, .. } = request else { return Some(honest) };
        let receipt = StatementOf::Receipt {
            account: *account,
            version: 1,
            tried: vault_protocol::TryId([9; 32]),
            round: 7,
        };
        Some(Ok(Answer::Receipt(site.signs(&receipt))))
    });
    world.corrupt(&[1, 2], false_receipt).await;
    world.kill(&[5]);
    let recovered = world.ada.recover(&world.client).await.unwrap();
    assert_eq!(recovered.spread.count(), 0);
    for liar in [1, 2] {
        let lies = recovered.notes.liars.get(&site(liar)).cloned().unwrap_or_default();
        assert!(lies.contains(&Lie::WrongStatement("a receipt")), "{lies:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_site_that_restarts_between_vote_and_receipt_is_no_liar() {
    let mut world = World::with(CodeOrigin::Generated).await;
    for stop in [20, 40, 60, 80, 100] {
        let fleet = world.fleet.clone();
        let restarting = async move {
            tokio::time::sleep(Duration::from_millis(stop)).await;
            fleet.kill_site(site(2));
            fleet.start_site(site(2)).await;
        };
        let (recovered, ()) = tokio::join!(world.ada.recover(&world.client), restarting);
        let recovered = recovered.unwrap();
        assert!(recovered.notes.liars.is_empty(), "{stop}: {:?}", recovered.notes.liars);
        world.ada.carry(&world.client).await;
    }
}
