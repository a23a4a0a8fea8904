//! Who may store what, and who is admitted.

mod support;

use support::*;
use vault_protocol::limits::UNCONFIRMED_LIFETIME;
use vault_protocol::*;
use vault_state::SiteAccount;

fn fleet_and_person() -> (Fleet, Person) {
    let fleet = Fleet::new(5, GuessPolicy::Balanced);
    let person = Person::new(&fleet, CodeOrigin::Generated);
    (fleet, person)
}

fn register(
    fleet: &Fleet,
    account: Option<SiteAccount>,
    whole: &SealedRecord,
    admission: Option<&Admission>,
) -> Result<SiteAccount, Refusal> {
    let signer = ToySigner(1);
    fleet.site(&signer).register(account, whole, admission, START)
}

#[test]
fn an_unknown_account_needs_tickets_of_t_sites() {
    let (fleet, person) = fleet_and_person();
    let ticket = StatementOf::Ticket { account: person.account() };
    let tickets = |sites: &[u8]| {
        Admission::Tickets(sites.iter().map(|site| fleet.said(*site, &ticket)).collect())
    };
    let record = person.record(1);
    for few in [&[1u8, 2][..], &[1, 2, 2], &[3, 3, 3]] {
        let refused = register(&fleet, None, &record, Some(&tickets(few)));
        assert_eq!(refused.err(), Some(Refusal::NotAdmitted), "{few:?}");
    }
    assert_eq!(register(&fleet, None, &record, None).err(), Some(Refusal::NotAdmitted));
    assert!(register(&fleet, None, &record, Some(&tickets(&[1, 3, 5]))).is_ok());
}

#[test]
fn tickets_are_of_one_account() {
    let (fleet, person) = fleet_and_person();
    let other = Person { claim: Claim { nonce: [2; 16], ..person.claim }, ..person };
    let admission = fleet.admission(other.account());
    let refused = register(&fleet, None, &person.record(1), Some(&admission));
    assert_eq!(refused.err(), Some(Refusal::NotAdmitted));
}

#[test]
fn a_confirmed_account_needs_no_tickets_at_a_site_that_was_away() {
    let (fleet, person) = fleet_and_person();
    let mut known = registered(&fleet, &person, 2);
    let end = fleet.round_end(&person.tried(0, 1, 0, START), &[2, 3, 4]);
    learn(&fleet, 2, &mut known, ended(end), START);
    let (two, one) = (ToySigner(2), ToySigner(1));
    let told = fleet.site(&two).tell(&known);
    assert!(matches!(told.admission, Some(Admission::Confirmed(_))));
    let (learned, _) = fleet.site(&one).learn_from_site(None, &told, START).unwrap();
    assert!(learned.facts.sealed().is_some());
    assert_eq!(learned.facts.round(), 1);
}

#[test]
fn an_owners_reset_admits_nobody() {
    let (fleet, person) = fleet_and_person();
    let admission = Admission::Confirmed(person.reset(0));
    let refused = register(&fleet, None, &person.record(1), Some(&admission));
    assert_eq!(refused.err(), Some(Refusal::NotAdmitted));
}

#[test]
fn only_the_owner_replaces_and_only_by_a_newer_version() {
    let (fleet, person) = fleet_and_person();
    let account = registered(&fleet, &person, 1);
    let newer = register(&fleet, Some(account.clone()), &person.record(2), None).unwrap();
    let older = register(&fleet, Some(newer), &person.record(1), None);
    assert_eq!(older.err(), Some(Refusal::WrongVersion { current: 2 }));
    let mut forged = person.record(2);
    forged.signed.signature = Signature64([9; 64]);
    let refused = register(&fleet, Some(account.clone()), &forged, None);
    assert_eq!(refused.err(), Some(Refusal::Unproved));
    let stranger =
        Person { claim: Claim { owner: OwnerKey([0xee; 32]), ..person.claim }, ..person };
    let refused = register(&fleet, Some(account), &stranger.record(2), None);
    assert_eq!(refused.err(), Some(Refusal::NotOwner));
}

#[test]
fn what_the_owner_did_not_sign_is_malformed() {
    let (fleet, person) = fleet_and_person();
    type Change = fn(&mut SealedRecord);
    let changes: [Change; 6] = [
        |r| r.sealed.boxes[0].sealed.0[0] ^= 1,
        |r| r.sealed.boxes.truncate(2),
        |r| r.sealed.boxes.swap(0, 1),
        |r| r.sealed.access.key.0[0] ^= 1,
        |r| r.signed.record.policy.max_tries = 11,
        |r| r.signed.record.version = 0,
    ];
    for change in changes {
        let mut record = person.record(1);
        change(&mut record);
        let admission = fleet.admission(person.account());
        let refused = register(&fleet, None, &record, Some(&admission));
        assert_eq!(refused.err(), Some(Refusal::Malformed));
    }
}

#[test]
fn a_record_for_other_keys_of_the_fleet_is_refused_and_says_for_which() {
    let (fleet, person) = fleet_and_person();
    let elsewhere = Person { keys: KeysDigest([8; 32]), ..person };
    let admission = fleet.admission(person.account());
    let refused = register(&fleet, None, &elsewhere.record(1), Some(&admission));
    assert_eq!(refused.err(), Some(Refusal::WrongKeys { keys: KeysDigest([8; 32]) }));
}

#[test]
fn what_was_never_of_use_is_forgotten_and_what_was_tried_is_not() {
    let (fleet, person) = fleet_and_person();
    let mut account = registered(&fleet, &person, 1);
    assert_eq!(account.forgotten_at(), Some(START + UNCONFIRMED_LIFETIME));
    let mut confirmed = account.clone();
    let end = fleet.round_end(&person.tried(0, 1, 0, START), &[2, 3, 4]);
    learn(&fleet, 1, &mut confirmed, ended(end), START);
    assert_eq!(confirmed.forgotten_at(), None);
    vote(&fleet, 1, &mut account, &person.tried(0, 1, 1, START), START).unwrap();
    assert_eq!(account.forgotten_at(), None);
}

#[test]
fn a_site_acknowledges_what_its_own_state_says() {
    let (fleet, person) = fleet_and_person();
    let signer = ToySigner(1);
    let site = fleet.site(&signer);
    let account = registered(&fleet, &person, 1);
    let subjects = |account: &SiteAccount| -> Vec<Subject> {
        let words = site.acknowledge(account);
        let id = person.account();
        assert!(words.iter().all(|word| fleet.proofs().acknowledged(id, word)));
        words.into_iter().map(|word| word.subject).collect()
    };
    let digest = person.record(1).signed.record.digest();
    let record = Subject::Record { version: 1, digest };
    assert_eq!(subjects(&account), [record, Subject::Round(0)]);
    let mut removed = account;
    let removal = News { removal: Some(person.removal()), ..News::default() };
    learn(&fleet, 1, &mut removed, removal, START);
    assert_eq!(subjects(&removed), [Subject::Removed]);
}
