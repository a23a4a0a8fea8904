//! Guesses: voted for by a quorum, evaluated once, confirmed by the right code.

use crate::people::Asks;
use crate::support::{Client, Fleet, Person, code};
use rand_core::OsRng;
use recovery_crypto::RecoverError;
use recovery_crypto::oprf::blind;
use vault_protocol::{
    Answer, CodeOrigin, GuessPolicy, News, Refusal, Request, RoundEnd, RoundEndProof, Subject,
};
use vault_server::accounts::AccountStore;

async fn registered() -> (Fleet, Person) {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Own);
    let responses = person.register(&fleet, 1, &code("right")).await;
    assert_eq!(responses.len(), 5);
    assert!(responses.iter().all(Result::is_ok), "{responses:?}");
    (fleet, person)
}

#[tokio::test(start_paused = true)]
async fn with_two_sites_away_a_right_code_opens_and_gives_the_tries_back() {
    let (fleet, person) = registered().await;
    fleet.cut_off(&[4, 5]);
    let wrong = blind(&code("wrong"), &mut OsRng).unwrap();
    let sites = [1, 2, 3];
    let voted = person.certify(&fleet, 1, &wrong, &sites).await.unwrap_or_else(|e| panic!("{e:?}"));
    let opened = person.open(&fleet, &voted, &wrong, &sites).await;
    assert_eq!(opened.err(), Some(RecoverError::WrongCode));
    let end = person.recover(&fleet, &code("right"), 2, &sites).await;
    assert_eq!(end.round, 0);
    fleet.cut_off(&[]);
    // The other two hear of it by themselves.
    for site in [4, 5] {
        fleet.site(site).pull().await;
        let shown = person.show(&fleet, site).await.unwrap();
        assert_eq!(shown.news.round_end.map(|end| end.round), Some(0));
        assert!(shown.news.votes.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slot_has_one_try_and_the_second_sees_the_vote() {
    let (fleet, person) = registered().await;
    let (first, second) = (blind(b"one", &mut OsRng).unwrap(), blind(b"two", &mut OsRng).unwrap());
    let sites = [1, 2, 3, 4, 5];
    let voted = person.certify(&fleet, 1, &first, &sites).await.unwrap_or_else(|e| panic!("{e:?}"));
    let refused = person.certify(&fleet, 1, &second, &sites).await.err().unwrap();
    let keys = fleet.bundle.keys_digest();
    let tried = voted.certificate.tried.id(&keys);
    for response in refused {
        assert!(matches!(response, Ok(Answer::VotedBefore(vote)) if vote.tried == tried));
    }
}

#[tokio::test(start_paused = true)]
async fn too_few_votes_a_changed_try_or_another_element_are_not_evaluated() {
    let (fleet, person) = registered().await;
    let blinded = blind(b"guess", &mut OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &blinded, &[1, 2, 3]).await;
    let mut voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    let all = voted.certificate.votes.clone();
    voted.certificate.votes.truncate(2);
    let ask = |voted| async move { voted };
    let refused = person.evaluate(&fleet, &voted, 1).await;
    assert_eq!(refused, Err(Refusal::NotCertified));
    voted.certificate.votes = vec![all[0], all[0], all[1]];
    let refused = person.evaluate(&fleet, &voted, 1).await;
    assert_eq!(refused, Err(Refusal::NotCertified));
    voted.certificate.votes = all;
    let other = blind(b"another", &mut OsRng).unwrap();
    let mut swapped = ask(voted).await;
    let alpha = std::mem::replace(&mut swapped.alpha, other.alpha());
    assert_eq!(person.evaluate(&fleet, &swapped, 1).await, Err(Refusal::Malformed));
    swapped.alpha = alpha;
    swapped.certificate.tried.at += 1;
    assert_eq!(person.evaluate(&fleet, &swapped, 1).await, Err(Refusal::WrongAccess));
    assert_eq!(fleet.stores[0].totals().await.unwrap().evaluated, 0);
}

#[tokio::test(start_paused = true)]
async fn a_try_is_evaluated_once_and_found_again() {
    let (fleet, person) = registered().await;
    let blinded = blind(b"guess", &mut OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &blinded, &[1, 2, 3]).await;
    let voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    let (first, second) =
        tokio::join!(person.evaluate(&fleet, &voted, 1), person.evaluate(&fleet, &voted, 1),);
    assert!(matches!(first, Ok(Answer::Share { .. })));
    assert_eq!(first, second);
    let totals = fleet.stores[0].totals().await.unwrap();
    assert_eq!((totals.evaluated, totals.repeats), (1, 0));
    // After a restart the device has to do it again, which is counted.
    fleet.stop_site(1);
    fleet.start_site(1).await;
    assert_eq!(person.evaluate(&fleet, &voted, 1).await, first);
    let totals = fleet.stores[0].totals().await.unwrap();
    assert_eq!((totals.evaluated, totals.repeats), (1, 1));
    let chain = fleet.stores[0].evaluated(1, 10).await.unwrap();
    assert_eq!(chain[0].votes.len(), 3);
    assert_eq!(chain[0].chained(&[0; 32]), totals.evaluated_head);
}

#[tokio::test(start_paused = true)]
async fn nobody_ends_a_round_with_too_few_receipts_or_for_somebody_else() {
    let (fleet, person) = registered().await;
    let other = Person::new(CodeOrigin::Own);
    other.register(&fleet, 1, &code("other")).await;
    fleet.cut_off(&[4, 5]);
    let end = person.recover(&fleet, &code("right"), 1, &[1, 2, 3]).await;
    fleet.settle().await;
    fleet.cut_off(&[]);
    let RoundEndProof::Receipts { version, tried, receipts } = end.proof.clone() else { panic!() };
    let with = |receipts: Vec<_>| RoundEnd {
        round: 0,
        proof: RoundEndProof::Receipts { version, tried, receipts },
    };
    for end in [with(receipts[..2].to_vec()), with(vec![receipts[0]; 3])] {
        let news = News { round_end: Some(end), ..News::default() };
        let words = person.learn(&fleet, 4, news).await.unwrap();
        assert!(words.iter().any(|word| word.subject == Subject::Round(0)), "{words:?}");
    }
    let news = News { round_end: Some(end.clone()), ..News::default() };
    let words = other.learn(&fleet, 4, news.clone()).await.unwrap();
    assert!(words.iter().any(|word| word.subject == Subject::Round(0)), "{words:?}");
    let words = person.learn(&fleet, 4, news).await.unwrap();
    assert!(words.iter().any(|word| word.subject == Subject::Round(1)), "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_tag_gets_no_receipt() {
    let (fleet, person) = registered().await;
    let blinded = blind(&code("right"), &mut OsRng).unwrap();
    let voted = person.certify(&fleet, 1, &blinded, &[1, 2, 3]).await;
    let voted = voted.unwrap_or_else(|e| panic!("{e:?}"));
    person.open(&fleet, &voted, &blinded, &[1, 2, 3]).await.unwrap();
    let tried = voted.certificate.tried.id(&fleet.bundle.keys_digest());
    let mut client = Client::open(&fleet, 1).await.unwrap();
    let account = person.account();
    let refused = client.ask(Request::Confirm { account, tried, proof: [0; 32] }).await;
    assert_eq!(refused, Err(Refusal::WrongTag));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_or_no_point_costs_nothing() {
    let (fleet, person) = registered().await;
    let mut client = Client::open(&fleet, 1).await.unwrap();
    let account = person.account();
    let no_point = vault_protocol::Point([4; 65]);
    let point = blind(b"x", &mut OsRng).unwrap().alpha();
    for (alpha, check) in [(no_point, point), (point, no_point)] {
        let request = Request::EvaluateForRegistration { account, alpha, check };
        assert_eq!(client.ask(request).await, Err(Refusal::Malformed));
    }
    let before = fleet.stores[0].totals().await.unwrap();
    let message = client.session.seal(&[0xff; 40]).unwrap();
    let answer = client.site.message(&client.id, message).await.unwrap();
    let plain = client.session.open(&answer).unwrap();
    assert_eq!(Answer::response_from_bytes(&plain), Ok(Err(Refusal::Malformed)));
    assert_eq!(fleet.stores[0].totals().await.unwrap(), before);
}
