//! What sites tell each other, and believe.

use crate::people::{Asks, Reach};
use crate::support::{Fleet, Person, code};
use vault_protocol::{CodeOrigin, GuessPolicy, News, Refusal, Subject};
use vault_server::accounts::AccountStore;
use vault_server::site::ports::{PeerAnswer, PeerRequest};

#[tokio::test(start_paused = true)]
async fn a_site_that_was_away_finds_its_boxes() {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Own);
    // All sites evaluate, so that all have a box; then two are away while the record is stored.
    let (record, admission, certificates) =
        person.prepare(&fleet, 1, &code("right")).await.unwrap();
    fleet.cut_off(&[4, 5]);
    for site in [1, 2, 3] {
        let mut client = crate::support::Client::open(&fleet, site).await.unwrap();
        let news = News { certificates: certificates.clone(), ..News::default() };
        let request = vault_protocol::Request::Register {
            record: Box::new(record.clone()),
            admission: Some(admission.clone()),
            news,
        };
        assert!(client.ask(request).await.is_ok());
    }
    fleet.settle().await;
    fleet.cut_off(&[]);
    assert_eq!(fleet.stores[3].read(person.account()).await.unwrap(), None);
    fleet.site(4).pull().await;
    let shown = person.show(&fleet, 4).await.unwrap();
    assert!(shown.own.has_box);
    // The fifth is asked by a client before it has pulled.
    assert!(person.show(&fleet, 5).await.unwrap().own.has_box);
    person.recover(&fleet, &code("right"), 1, &[3, 4, 5]).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_client_taught_one_site_is_pushed_to_all() {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    let news = News { round_end: Some(person.reset(&fleet, 0)), ..News::default() };
    person.learn(&fleet, 2, news.clone()).await.unwrap();
    fleet.settle().await;
    for site in fleet.sites() {
        let shown = person.show(&fleet, site).await.unwrap();
        assert_eq!(shown.news.round_end.map(|end| end.round), Some(0), "site {site}");
    }
    // And the first one passes on what the others acknowledged.
    let words = person.learn(&fleet, 2, news).await.unwrap();
    let rounds = words.iter().filter(|word| word.subject == Subject::Round(1)).count();
    assert_eq!(rounds, 5);
}

#[tokio::test(start_paused = true)]
async fn a_vote_knows_what_a_peer_knows() {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    fleet.settle().await;
    fleet.cut_off(&[3, 4, 5]);
    let news = News { round_end: Some(person.reset(&fleet, 0)), ..News::default() };
    person.learn(&fleet, 1, news).await.unwrap();
    fleet.settle().await;
    fleet.cut_off(&[]);
    // Site 3 has heard nothing of it; a client that replays the past is refused there all the same.
    let old = person.show(&fleet, 4).await.unwrap();
    assert_eq!(old.news.round_end, None);
    let blinded = recovery_crypto::oprf::blind(b"x", &mut rand_core::OsRng).unwrap();
    let tried = person.tried(&fleet, &old, 1, &blinded);
    let refused = person.votes(&fleet, &tried, &News::default(), &[3]).await;
    assert_eq!(refused, [Err(Refusal::WrongRound { current: 1 })]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_is_believed_nothing() {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Own);
    person.register(&fleet, 1, &code("right")).await;
    let account = person.account();
    let before = fleet.stores[0].read(account).await.unwrap().unwrap();
    let PeerAnswer::Facts(Some(facts)) = fleet.site(2).peer(PeerRequest::Facts { account }).await
    else {
        panic!()
    };
    let mut removed = facts.clone();
    let mut removal = person.removal(&fleet);
    removal.signature.0[0] ^= 1;
    removed.news.removal = Some(removal);
    let mut newer = facts.clone();
    newer.record.as_mut().unwrap().signed.record.version = 2;
    let mut ended = facts.clone();
    let mut reset = person.reset(&fleet, 7);
    reset.round = 8;
    ended.news.round_end = Some(reset);
    for lie in [removed, newer, ended] {
        fleet.site(1).peer(PeerRequest::Push(lie)).await;
    }
    let after = fleet.stores[0].read(account).await.unwrap().unwrap();
    assert_eq!(after.facts, before.facts);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_nobody_admitted_fills_no_disk() {
    let fleet = Fleet::start(5, GuessPolicy::Balanced).await;
    let person = Person::new(CodeOrigin::Own);
    let (record, admission, certificates) =
        person.prepare(&fleet, 1, &code("right")).await.unwrap();
    let vault_protocol::Admission::Tickets(mut tickets) = admission else { panic!() };
    tickets.truncate(2);
    let facts = vault_protocol::SiteFacts {
        account: person.account(),
        admission: Some(vault_protocol::Admission::Tickets(tickets)),
        record: Some(record),
        passkeys: vec![],
        news: News { certificates, ..News::default() },
    };
    let answer = fleet.site(1).peer(PeerRequest::Push(Box::new(facts))).await;
    assert_eq!(answer, PeerAnswer::Refused);
    assert_eq!(fleet.stores[0].accounts(), []);
}
