//! A site under load: cookies, waits, and what a client does not do for it.

use super::support::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use vault_client::{Post, Reply, SiteProblem, VaultError};
use vault_protocol::{
    ACCOUNT_HEADER, AccountTag, COOKIE_HEADER, CodeOrigin, Cookie, CookieMac, CookieSeed,
    SolvedCookie,
};
use vault_simulation::fleet::Door;

fn reply(status: u16, body: Vec<u8>, retry_after: Option<u32>) -> Reply {
    Reply { status, body, bundle: None, retry_after }
}

fn header<'a>(post: &'a Post, name: &str) -> Option<&'a str> {
    post.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
}

/// Lets through who shows a cookie of so many bits.
fn cookie_door(bits: u8) -> Door {
    Arc::new(move |post| {
        if post.path != "/v2/session" {
            return None;
        }
        let cookie = Cookie { seed: CookieSeed([7; 16]), bits, at: 1, mac: CookieMac([9; 32]) };
        let solved = header(post, COOKIE_HEADER).and_then(SolvedCookie::parse);
        let good =
            |s: &SolvedCookie| s.cookie == cookie && cookie.is_solved_by(&post.body, s.solution);
        match solved.filter(good) {
            Some(_) => None,
            None => Some(reply(428, serde_json::to_vec(&cookie).unwrap(), None)),
        }
    })
}

/// Turns the first `times` requests away.
fn busy_door(times: usize, status: u16, retry_after: Option<u32>) -> Door {
    let turned_away = AtomicUsize::new(0);
    Arc::new(move |_| {
        let before = turned_away.fetch_add(1, Ordering::Relaxed);
        (before < times).then(|| reply(status, b"full".to_vec(), retry_after))
    })
}

fn at_every_door(world: &World, door: impl Fn() -> Door) {
    world.fleet.sites().for_each(|site| world.fleet.set_door(site, Some(door())));
}

#[tokio::test(start_paused = true)]
async fn work_is_done_for_a_cookie() {
    let mut world = World::with(CodeOrigin::Generated).await;
    at_every_door(&world, || cookie_door(8));
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn more_work_than_the_protocol_allows_is_not_done() {
    let world = World::with(CodeOrigin::Generated).await;
    at_every_door(&world, || cookie_door(64));
    let refused = world.client.look(world.ada.account()).await;
    let Err(VaultError::TooFewSites(few)) = refused else { panic!("{refused:?}") };
    assert!(few.notes.problems.values().all(|problem| *problem == SiteProblem::BadAnswer));
}

#[tokio::test(start_paused = true)]
async fn a_door_that_never_opens_is_not_knocked_at_for_ever() {
    let world = World::with(CodeOrigin::Generated).await;
    let knocks = Arc::new(AtomicUsize::new(0));
    let counted = knocks.clone();
    let door: Door = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        let cookie = Cookie { seed: CookieSeed([7; 16]), bits: 0, at: 1, mac: CookieMac([9; 32]) };
        Some(reply(428, serde_json::to_vec(&cookie).unwrap(), None))
    });
    world.fleet.set_door(site(1), Some(door));
    assert!(world.client.look(world.ada.account()).await.is_ok());
    assert!(knocks.load(Ordering::Relaxed) <= 3 * 13, "{knocks:?}");
}

#[tokio::test(start_paused = true)]
async fn the_account_is_named_by_its_tag_and_not_by_its_id() {
    let world = World::with(CodeOrigin::Generated).await;
    let seen: Arc<Mutex<Vec<Post>>> = Arc::default();
    let kept = seen.clone();
    let door: Door = Arc::new(move |post| {
        kept.lock().unwrap().push(post.clone());
        None
    });
    at_every_door(&world, || door.clone());
    world.client.look(world.ada.account()).await.unwrap();
    let posts = seen.lock().unwrap();
    let tag = AccountTag::of(&world.ada.account()).to_string();
    let handshakes: Vec<_> = posts.iter().filter(|post| post.path == "/v2/session").collect();
    assert_eq!(handshakes.len(), 5);
    assert!(handshakes.iter().all(|post| header(post, ACCOUNT_HEADER) == Some(&tag)));
    let account = world.ada.account().0;
    let leaks = |post: &Post| post.body.windows(16).any(|bytes| bytes == account);
    assert!(!posts.iter().any(leaks), "the account's id goes inside the session alone");
}

#[tokio::test(start_paused = true)]
async fn a_busy_site_is_asked_again_when_it_says() {
    let mut world = World::with(CodeOrigin::Generated).await;
    at_every_door(&world, || busy_door(1, 429, Some(3)));
    let (recovered, took) = timed(world.ada.recover(&world.client)).await;
    assert_eq!(recovered.unwrap().vault_key, world.key);
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(4), "{took:?}");
    at_every_door(&world, || busy_door(2, 503, Some(1)));
    world.recovers().await;
}

#[tokio::test(start_paused = true)]
async fn a_minority_that_is_busy_is_not_waited_for() {
    let mut world = World::with(CodeOrigin::Generated).await;
    for i in [1, 2] {
        world.fleet.set_door(site(i), Some(busy_door(usize::MAX, 429, Some(60))));
    }
    let (recovered, took) = timed(world.ada.recover(&world.client)).await;
    let recovered = recovered.unwrap();
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(recovered.notes.problems[&site(1)], SiteProblem::Busy { seconds: 60 });
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_end_ends() {
    let world = World::with(CodeOrigin::Generated).await;
    at_every_door(&world, || busy_door(usize::MAX, 429, Some(5)));
    let (refused, took) = timed(world.ada.try_code(&world.client, &world.ada.code)).await;
    assert!(matches!(refused, Err(VaultError::TooFewSites(_))), "{refused:?}");
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_site_says_of_itself_is_shown_as_plain_text() {
    let world = World::with(CodeOrigin::Generated).await;
    let words = "full \u{202e}\u{1b}[31m<b>\n".as_bytes().to_vec();
    for i in [1, 2, 3] {
        let words = words.clone();
        world
            .fleet
            .set_door(site(i), Some(Arc::new(move |_| Some(reply(500, words.clone(), None)))));
    }
    let refused = world.client.look(world.ada.account()).await;
    let Err(VaultError::TooFewSites(few)) = refused else { panic!("{refused:?}") };
    assert_eq!(few.notes.problems[&site(1)], SiteProblem::Unavailable("full [31m<b>".into()));
}
