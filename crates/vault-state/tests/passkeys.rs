//! Passkeys: the owner says which there are, each site verifies their use itself.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use support::*;
use vault_protocol::*;
use vault_state::{PasskeyVerifier, Registered, Site, SiteAccount};

fn fleet_and_person() -> (Fleet, Person) {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    let person = Person::new(&fleet, CodeOrigin::Generated);
    (fleet, person)
}

/// What comes of a roster at site 1.
fn set(
    fleet: &Fleet,
    account: Option<SiteAccount>,
    roster: &SignedRoster,
    added: Option<&PasskeyRecord>,
) -> Result<SiteAccount, Refusal> {
    let signer = ToySigner(1);
    let admission = fleet.admission(roster.roster.claim.account());
    fleet.site(&signer).set_roster(account, roster, added, Some(&admission), START)
}

fn with_passkey(fleet: &Fleet, person: &Person) -> (SiteAccount, PasskeyRecord) {
    let passkey = person.passkey(1, 7);
    let account = set(fleet, None, &person.roster(1, &[&passkey]), Some(&passkey))
        .expect("a roster of the owner");
    (account, passkey)
}

/// The answer of passkey 7 in the session where every site gave nonces of `session`.
fn answer(fleet: &Fleet, person: &Person, session: u8, counter: u8) -> (Vec<SiteNonce>, Vec<u8>) {
    let nonces: Vec<_> = (1..=3).map(|site| nonce(site, session)).collect();
    let challenge = passkey_challenge(&fleet.keys.digest, &person.account(), &nonces);
    (nonces, vec![7, counter, challenge[0]])
}

fn release(
    fleet: &Fleet,
    account: &mut SiteAccount,
    (nonces, assertion): &(Vec<SiteNonce>, Vec<u8>),
    now: u64,
) -> Result<SealedBox, Refusal> {
    let signer = ToySigner(1);
    let released = fleet.site(&signer).release(account, nonces, assertion, now);
    released.map(|release| release.sealed)
}

#[test]
fn a_site_opens_its_own_box_for_a_passkey_that_it_verified() {
    let (fleet, person) = fleet_and_person();
    let (mut account, passkey) = with_passkey(&fleet, &person);
    let good = answer(&fleet, &person, 1, 1);
    let released = release(&fleet, &mut account, &good, START);
    assert_eq!(released, Ok(passkey.boxes[0].sealed.clone()));
}

#[test]
fn an_older_or_altered_answer_or_one_for_other_sessions_is_refused() {
    let (fleet, person) = fleet_and_person();
    let (mut account, _) = with_passkey(&fleet, &person);
    let used = answer(&fleet, &person, 1, 5);
    release(&fleet, &mut account, &used, START).unwrap();
    let invalid = Err(Refusal::PasskeyInvalid);
    assert_eq!(release(&fleet, &mut account.clone(), &used, START), invalid, "the counter");
    let mut altered = answer(&fleet, &person, 2, 6);
    altered.1[2] ^= 1;
    assert_eq!(release(&fleet, &mut account.clone(), &altered, START), invalid);
    let mut few = answer(&fleet, &person, 3, 6);
    few.0.pop();
    assert_eq!(release(&fleet, &mut account, &few, START), Err(Refusal::NonceMismatch));
}

#[test]
fn failed_answers_are_delayed_and_never_locked_out() {
    let (fleet, person) = fleet_and_person();
    let (mut account, _) = with_passkey(&fleet, &person);
    let mut wrong = answer(&fleet, &person, 1, 1);
    wrong.1[2] ^= 1;
    for _ in 0..4 {
        let refused = release(&fleet, &mut account, &wrong, START);
        assert_eq!(refused, Err(Refusal::PasskeyInvalid));
    }
    let good = answer(&fleet, &person, 1, 1);
    let soon = release(&fleet, &mut account, &good, START + 29);
    assert_eq!(soon, Err(Refusal::TooSoon { at: START + 30 }));
    assert!(release(&fleet, &mut account, &good, START + 30).is_ok());
    assert_eq!(account.own.failed_assertions.count, 0);
}

#[test]
fn who_is_not_on_the_newest_roster_is_gone_and_no_older_roster_brings_it_back() {
    let (fleet, person) = fleet_and_person();
    let (account, passkey) = with_passkey(&fleet, &person);
    let mut account = set(&fleet, Some(account), &person.roster(2, &[]), None).unwrap();
    let good = answer(&fleet, &person, 1, 1);
    assert_eq!(release(&fleet, &mut account, &good, START), Err(Refusal::NoSuchPasskey));
    let older = person.roster(1, &[&passkey]);
    let refused = set(&fleet, Some(account.clone()), &older, Some(&passkey));
    assert_eq!(refused.err(), Some(Refusal::WrongRoster { current: 2 }));
    let honest = with_passkey(&fleet, &person).0;
    let (two, one) = (ToySigner(2), ToySigner(1));
    let told = fleet.site(&two).tell(&honest);
    let (account, _) = fleet.site(&one).learn_from_site(Some(account), &told, START).unwrap();
    assert!(account.facts.passkeys().is_empty());
}

#[test]
fn a_site_that_was_away_gets_the_passkeys_of_the_newest_roster() {
    let (fleet, person) = fleet_and_person();
    let (account, first) = with_passkey(&fleet, &person);
    let second = person.passkey(2, 8);
    let roster = person.roster(2, &[&first, &second]);
    let there = set(&fleet, Some(account), &roster, Some(&second)).unwrap();
    let (two, one) = (ToySigner(2), ToySigner(1));
    let told = fleet.site(&one).tell(&there);
    let (learned, _) = fleet.site(&two).learn_from_site(None, &told, START).unwrap();
    assert_eq!(learned.facts.passkeys(), [first, second]);
}

#[test]
fn a_passkey_claims_an_account_and_an_empty_roster_does_not() {
    let (fleet, person) = fleet_and_person();
    let refused = set(&fleet, None, &person.roster(1, &[]), None);
    assert_eq!(refused.err(), Some(Refusal::NoSuchAccount));
    let (account, _) = with_passkey(&fleet, &person);
    assert_eq!(account.code_state(&fleet.keys), CodeState::None);
}

#[test]
fn a_registration_that_does_not_hold_and_a_second_passkey_of_one_credential_are_refused() {
    let (fleet, person) = fleet_and_person();
    let mut bad = person.passkey(1, 7);
    bad.registration = vec![9, 0];
    bad.head.registration = registration_digest(&bad.nonces, &bad.registration);
    let refused = set(&fleet, None, &person.roster(1, &[&bad]), Some(&bad));
    assert_eq!(refused.err(), Some(Refusal::PasskeyInvalid));
    let (account, first) = with_passkey(&fleet, &person);
    let twin = person.passkey(2, 7);
    let roster = person.roster(2, &[&first, &twin]);
    let refused = set(&fleet, Some(account), &roster, Some(&twin));
    assert_eq!(refused.err(), Some(Refusal::Malformed));
}

#[test]
fn the_end_of_the_tries_leaves_the_passkeys() {
    let (fleet, person) = fleet_and_person();
    let (account, _) = with_passkey(&fleet, &person);
    let signer = ToySigner(1);
    let site = fleet.site(&signer);
    let person = Person { max_tries: 1, ..person };
    let mut account = site.register(Some(account), &person.record(1), None, START).unwrap();
    let tried = person.tried(0, 1, 1, START);
    vote(&fleet, 1, &mut account, &tried, START).unwrap();
    learn(&fleet, 1, &mut account, votes(fleet.votes(&tried, &[2, 3])), START);
    assert!(site.destroy_if_due(&mut account, START + 3600));
    let good = answer(&fleet, &person, 1, 1);
    assert!(release(&fleet, &mut account, &good, START + 3601).is_ok());
}

#[test]
fn a_registration_is_verified_once_and_only_if_the_owner_names_it() {
    /// Counts how often a registration is looked at.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl PasskeyVerifier for Counting {
        fn registration(
            &self,
            challenge: &[u8; 32],
            credential: &[u8],
            registration: &[u8],
        ) -> Option<u32> {
            self.0.fetch_add(1, Ordering::Relaxed);
            ToyPasskeys.registration(challenge, credential, registration)
        }

        fn credential(&self, assertion: &[u8]) -> Option<Vec<u8>> {
            ToyPasskeys.credential(assertion)
        }

        fn assertion(
            &self,
            registered: &Registered<'_>,
            challenge: &[u8; 32],
            assertion: &[u8],
        ) -> Option<u32> {
            ToyPasskeys.assertion(registered, challenge, assertion)
        }
    }

    let (fleet, person) = fleet_and_person();
    let (account, passkey) = with_passkey(&fleet, &person);
    let counting = Counting::default();
    let signer = ToySigner(2);
    let site = Site { passkeys: &counting, ..fleet.site(&signer) };
    let mut facts = fleet.site(&ToySigner(1)).tell(&account);
    let strangers = (0..8).map(|credential| person.passkey(1, 100 + credential));
    facts.passkeys = std::iter::once(passkey).chain(strangers).collect();
    let (learned, _) = site.learn_from_site(None, &facts, START).unwrap();
    assert_eq!(learned.facts.passkeys().len(), 1);
    site.learn_from_site(Some(learned), &facts, START).unwrap();
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
}
