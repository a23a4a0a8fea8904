//! A wrong clock, a disk that is set back, a program that ends.

use crate::support::{Fleet, Person, START, code};
use rand_core::OsRng;
use recovery_crypto::oprf::blind;
use vault_protocol::limits::{MAX_TRIES, UNCONFIRMED_LIFETIME};
use vault_protocol::{Answer, CodeOrigin, CodeState, GuessPolicy, News, Refusal};
use vault_server::site::ports::{PeerAnswer, PeerRequest};

async fn registered(code_origin: CodeOrigin) -> (Fleet, Person) {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(code_origin);
    let responses = person.register(&fleet, 1, &code("right")).await;
    assert!(responses.iter().all(Result::is_ok), "{responses:?}");
    fleet.settle().await;
    (fleet, person)
}

#[tokio::test(start_paused = true)]
async fn one_site_with_a_clock_an_hour_off_hurts_nobody() {
    for wrong in [START + 3600, START - 3600] {
        let (fleet, person) = registered(CodeOrigin::Generated).await;
        fleet.clocks[1].set(wrong);
        let blinded = blind(b"wrong", &mut OsRng).unwrap();
        let shown = person.show(&fleet, 1).await.unwrap();
        for slot in 1..=4 {
            let tried = person.tried(&fleet, &shown, slot, &blinded);
            let sites = [1, 2, 3, 4, 5];
            let votes = person.votes(&fleet, &tried, &News::default(), &sites).await;
            let voted = votes.iter().filter(|vote| matches!(vote, Ok(Answer::Voted(_)))).count();
            assert_eq!((voted, &votes[1]), (4, &Err(Refusal::WrongTime { clock: wrong })));
        }
        // And once its clock is right, nothing is left of it.
        fleet.set_clocks(START + 30);
        let shown = person.show(&fleet, 2).await.unwrap();
        let tried = person.tried(&fleet, &shown, 5, &blinded);
        let votes = person.votes(&fleet, &tried, &News::default(), &[1, 3, 4]).await;
        assert!(votes.iter().all(|vote| matches!(vote, Ok(Answer::Voted(_)))), "{votes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_vote_outlives_the_program() {
    let (fleet, person) = registered(CodeOrigin::Generated).await;
    let first = blind(b"one", &mut OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &first, &[1, 2]).await;
    let voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    fleet.stop_site(1);
    fleet.start_site(1).await;
    let again = person.votes(&fleet, &voted.certificate.tried, &News::default(), &[1]).await;
    assert_eq!(again, [Ok(Answer::Voted(voted.certificate.votes[0]))]);
    let second = blind(b"two", &mut OsRng).unwrap();
    let refused = person.certify(&fleet, 1, &second, &[1]).await.err().unwrap();
    assert!(matches!(refused[..], [Ok(Answer::VotedBefore(_))]));
}

#[tokio::test(start_paused = true)]
async fn a_disk_set_back_that_votes_again_is_named_by_both_votes() {
    let (mut fleet, person) = registered(CodeOrigin::Generated).await;
    let before = fleet.stores[0].copy();
    let first = blind(b"one", &mut OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &first, &[1, 2]).await;
    voted.unwrap_or_else(|e| panic!("{e:?}"));
    fleet.set_back(1, before);
    // Nobody tells it what it did.
    fleet.cut_off(&[2, 3, 4, 5]);
    fleet.start_site(1).await;
    let second = blind(b"two", &mut OsRng).unwrap();
    let again = person.certify(&fleet, 1, &second, &[1]).await;
    assert!(again.is_ok());
    fleet.cut_off(&[]);
    let account = person.account();
    let answer = fleet.site(1).peer(PeerRequest::Facts { account }).await;
    let PeerAnswer::Facts(Some(facts)) = answer else { panic!() };
    fleet.site(2).peer(PeerRequest::Push(facts)).await;
    use vault_server::accounts::AccountStore;
    let proofs = fleet.stores[1].equivocations().await.unwrap();
    assert_eq!(proofs.len(), 1);
    assert_eq!(proofs[0].first.1.site, proofs[0].second.1.site);
}

/// Wrong tries until none is left, each after its delay; when the last one was.
async fn exhaust(fleet: &Fleet, person: &Person) -> u64 {
    let mut now = START;
    for slot in 1..=MAX_TRIES {
        now += 1000;
        fleet.set_clocks(now);
        let blinded = blind(&[slot], &mut OsRng).unwrap();
        let sites = [1, 2, 3, 4];
        let voted = person.certify(fleet, slot, &blinded, &sites).await;
        voted.unwrap_or_else(|e| panic!("slot {slot}: {e:?}"));
    }
    // Whoever looks makes a site ask the others: they all hear of the last votes.
    for site in fleet.sites() {
        person.show(fleet, site).await.unwrap();
    }
    fleet.settle().await;
    now
}

#[tokio::test(start_paused = true)]
async fn a_generated_code_is_destroyed_after_the_last_try_by_each_site_for_itself() {
    let (fleet, person) = registered(CodeOrigin::Generated).await;
    let now = exhaust(&fleet, &person).await;
    fleet.set_clocks(now + 3600);
    fleet.site(1).tick().await;
    let shown = person.show(&fleet, 1).await.unwrap();
    assert_eq!((shown.own.code, shown.own.has_box), (CodeState::Destroyed, false));
    // The fifth site took no part in it; what it knows it was told by the others.
    let beyond = blind(b"11", &mut OsRng).unwrap();
    let refused = person.certify(&fleet, 11, &beyond, &[5]).await.err().unwrap();
    assert_eq!(refused, [Err(Refusal::Destroyed)]);
}

#[tokio::test(start_paused = true)]
async fn an_own_code_is_frozen_and_its_owner_thaws_it() {
    let (fleet, person) = registered(CodeOrigin::Own).await;
    let now = exhaust(&fleet, &person).await;
    fleet.set_clocks(now + 3600);
    for site in fleet.sites() {
        fleet.site(site).tick().await;
    }
    let shown = person.show(&fleet, 1).await.unwrap();
    assert!(matches!(shown.own.code, CodeState::Frozen { .. }), "{:?}", shown.own);
    let news = News { round_end: Some(person.reset(&fleet, 0)), ..News::default() };
    person.learn(&fleet, 1, news).await.unwrap();
    fleet.settle().await;
    person.recover(&fleet, &code("right"), 1, &[1, 2, 3]).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_nobody_ever_used_is_forgotten() {
    let (fleet, person) = registered(CodeOrigin::Generated).await;
    fleet.set_clocks(START + UNCONFIRMED_LIFETIME - 1);
    fleet.site(1).tick().await;
    assert_eq!(fleet.stores[0].accounts(), [person.account()]);
    fleet.set_clocks(START + UNCONFIRMED_LIFETIME);
    fleet.site(1).tick().await;
    assert_eq!(fleet.stores[0].accounts(), []);
}
