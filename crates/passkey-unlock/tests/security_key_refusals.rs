//! What a security key refuses, and how a conversation with it can end, played by key-mock.

#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod support;

use key_mock::{Model, Touch};
use passkey_unlock::*;
use std::time::Duration;
use support::desk::{Desk, PIN};
use support::*;

const IN_A_MINUTE: Touch = Touch::After(Duration::from_secs(60));

/// The third wrong one in a row is answered with "pull it out" instead of "wrong".
#[tokio::test]
async fn wrong_pins_are_counted_by_the_key_until_it_is_blocked() {
    let mut desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    let asked = request([2; 32], &created.credential_id);
    for tries_left in (1..8).rev() {
        let person = Person::typing(&["0000"]);
        let refused = key.assert(&asked, &person).await.err();
        assert_eq!(person.asked.lock().unwrap()[0].tries_left, Some(tries_left + 1));
        if tries_left % 3 == 2 {
            assert_eq!(refused, Some(PasskeyError::Replug));
            let person = Person::typing(&[PIN]);
            assert_eq!(key.assert(&asked, &person).await.err(), Some(PasskeyError::Replug));
            assert!(
                person.asked.lock().unwrap().is_empty(),
                "not even the right one would do after three wrong ones"
            );
            desk.pull_out();
            desk.plug_in(Touch::AtOnce);
        } else {
            assert_eq!(refused, Some(PasskeyError::WrongPin { tries_left, wait_seconds: 0 }));
        }
    }
    assert_eq!(
        key.assert(&asked, &Person::typing(&["0000"])).await.err(),
        Some(PasskeyError::KeyBlocked)
    );
    let person = Person::typing(&[PIN]);
    assert_eq!(key.assert(&asked, &person).await.err(), Some(PasskeyError::KeyBlocked));
    assert!(person.asked.lock().unwrap().is_empty(), "nobody is asked for a PIN in vain");
}

#[tokio::test]
async fn what_a_key_refuses_is_told_apart() {
    let mut desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    let good = request([2; 32], &created.credential_id);
    let foreign = AssertionRequest { allowed: vec![vec![5; 32]], ..good.clone() };
    assert_eq!(
        key.assert(&foreign, &Person::typing(&[PIN])).await.err(),
        Some(PasskeyError::NoPasskey)
    );
    let elsewhere = AssertionRequest {
        rp_id: "example.com".into(),
        origin: "https://example.com".into(),
        ..good.clone()
    };
    assert_eq!(
        key.assert(&elsewhere, &Person::typing(&[PIN])).await.err(),
        Some(PasskeyError::NoPasskey)
    );
    assert_eq!(key.assert(&good, &Person::typing(&[])).await.err(), Some(PasskeyError::Cancelled));
    desk.pull_out();
    desk.plug_in(Touch::Never);
    assert_eq!(
        key.assert(&good, &Person::typing(&[PIN])).await.err(),
        Some(PasskeyError::Cancelled)
    );
    desk.pull_out();
    let nothing = key.create(&new_passkey([1; 32]), &Person::typing(&[PIN])).await;
    assert_eq!(nothing.err(), Some(PasskeyError::NoDevice));
}

/// Before CTAP 2.1 a key does not tell beforehand that it takes no PIN now.
#[tokio::test]
async fn an_old_key_refuses_the_fourth_pin_in_a_row_when_it_sees_it() {
    let desk = Desk::with(Model::OLD);
    let (key, created) = desk.registered().await;
    let asked = request([2; 32], &created.credential_id);
    for expected in [
        PasskeyError::WrongPin { tries_left: 7, wait_seconds: 0 },
        PasskeyError::WrongPin { tries_left: 6, wait_seconds: 0 },
        PasskeyError::Replug,
    ] {
        assert_eq!(key.assert(&asked, &Person::typing(&["0000"])).await.err(), Some(expected));
    }
    assert_eq!(key.assert(&asked, &Person::typing(&[PIN])).await.err(), Some(PasskeyError::Replug));
}

#[tokio::test]
async fn a_key_without_hmac_secret_or_without_a_pin_is_refused_before_anybody_is_asked() {
    let cannot_derive = Desk::with(Model { hmac_secret: false, ..Model::CURRENT });
    let no_pin = Desk::with_pin(Model::CURRENT, None);
    for (desk, why) in [(cannot_derive, "hmac-secret"), (no_pin, "no PIN yet")] {
        let person = Person::typing(&[PIN]);
        let refused = desk.key().create(&new_passkey([1; 32]), &person).await;
        assert!(
            matches!(&refused, Err(PasskeyError::Unsupported(text)) if text.contains(why)),
            "{:?}",
            refused.err()
        );
        assert!(person.asked.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_key_that_is_pulled_out_while_it_blinks_is_missed() {
    let mut desk = Desk::with(Model::CURRENT);
    desk.pull_out();
    desk.plug_in(IN_A_MINUTE);
    let (key, new, person) = (desk.key(), new_passkey([1; 32]), Person::typing(&[PIN]));
    let pull_out = async {
        person.sees_it_blink().await;
        desk.pull_out();
    };
    let (made, ()) = tokio::join!(key.create(&new, &person), pull_out);
    assert_eq!(made.err(), Some(PasskeyError::NoDevice));
}

/// A key that blinks on would be busy for whoever comes next.
#[tokio::test]
async fn who_stops_waiting_stops_the_key_from_blinking() {
    let mut desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    desk.pull_out();
    desk.plug_in(IN_A_MINUTE);
    let (new, person) = (new_passkey([1; 32]), Person::typing(&[PIN]));
    tokio::select! {
        _ = key.create(&new, &person) => unreachable!("nobody touches it"),
        () = person.sees_it_blink() => {}
    }
    let asked = request([2; 32], &created.credential_id);
    let next = Person::typing(&[]);
    assert_eq!(key.assert(&asked, &next).await.err(), Some(PasskeyError::Cancelled));
    assert_eq!(next.asked.lock().unwrap().len(), 1, "the key told how many tries are left");
}

#[tokio::test]
async fn who_finds_the_key_busy_waits_until_it_is_free() {
    let mut desk = Desk::with(Model::CURRENT);
    let (key, created) = desk.registered().await;
    desk.pull_out();
    desk.plug_in(IN_A_MINUTE);
    let (new, person, next) = (new_passkey([1; 32]), Person::typing(&[PIN]), Person::typing(&[]));
    let asked = request([2; 32], &created.credential_id);
    let first = async {
        tokio::select! {
            _ = key.create(&new, &person) => unreachable!("nobody touches it"),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    };
    let second = async {
        person.sees_it_blink().await;
        desk.key().assert(&asked, &next).await
    };
    let ((), second) = tokio::join!(first, second);
    assert_eq!(second.err(), Some(PasskeyError::Cancelled));
    assert_eq!(next.asked.lock().unwrap().len(), 1);
}
