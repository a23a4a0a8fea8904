//! Nobody makes a reader check signatures without end.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Fleet, Owner};
use vault_facts::testing::SymbolicSignatures;
use vault_facts::{FactError, Proofs, Signatures};
use vault_protocol::limits::{MAX_CERTIFICATES, MAX_PASSKEYS, MAX_SITES, MAX_TRIES, MAX_VOTES};
use vault_protocol::*;

/// Counts how often a signature is looked at.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Counting {
    fn taken(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Signatures for Counting {
    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &Signature64) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        SymbolicSignatures.ed25519(key, message, signature)
    }

    fn ecdsa(&self, key: &Point, message: &[u8], signature: &Signature64) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        SymbolicSignatures.ecdsa(key, message, signature)
    }
}

/// One more than there may be of each thing, all of them genuine.
fn too_much(fleet: &Fleet, ada: &Owner<'_>) -> [(&'static str, News); 4] {
    let vote = fleet.vote(ada.account(), 0, 1, TryId([1; 32]), 1);
    let sites = vec![1; MAX_SITES + 1];
    let passkeys: Vec<_> =
        (0..=MAX_PASSKEYS).map(|i| ada.passkey(1, u8::try_from(i).unwrap())).collect();
    let passkeys: Vec<_> = passkeys.iter().collect();
    [
        ("votes", News { votes: vec![vote; MAX_VOTES + 1], ..News::default() }),
        (
            "certificates",
            News {
                certificates: vec![fleet.certificate(1); MAX_CERTIFICATES + 1],
                ..News::default()
            },
        ),
        (
            "receipts",
            News { round_end: Some(fleet.round_end(ada.account(), 0, &sites)), ..News::default() },
        ),
        ("passkeys", News { roster: Some(ada.roster(1, &passkeys)), ..News::default() }),
    ]
}

#[test]
fn news_with_too_much_of_anything_is_refused_before_a_signature_is_looked_at() {
    let fleet = Fleet::symbolic(1);
    let ada = Owner::new(&fleet, 10);
    let counting = Counting::default();
    let proofs = Proofs { signatures: &counting, ..fleet.proofs() };
    for (what, news) in too_much(&fleet, &ada) {
        // What else is in it is not taken either.
        let news = News { removal: Some(ada.removal()), ..news };
        let mut facts = ada.facts();
        let learned = facts.learn(&proofs, &news);
        assert_eq!(learned.refused, [FactError::Malformed("the news")], "{what}");
        assert_eq!((learned.changed, counting.taken()), (false, 0), "{what}");
        assert_eq!(facts, ada.facts(), "{what}");
    }
}

#[test]
fn the_most_that_news_may_hold_is_looked_at_once() {
    let fleet = Fleet::symbolic(1);
    let ada = Owner::new(&fleet, 10);
    let counting = Counting::default();
    let proofs = Proofs { signatures: &counting, ..fleet.proofs() };
    let each = |slot: Slot, site: u8| {
        [1, 2].map(|tried| fleet.vote(ada.account(), 1, slot, TryId([tried; 32]), site))
    };
    let of_slot = |slot| (1..=5).flat_map(move |site| each(slot, site));
    let news = News {
        votes: (1..=MAX_TRIES).flat_map(of_slot).collect(),
        round_end: Some(fleet.round_end(ada.account(), 0, &[1, 2, 3, 4, 5])),
        roster: Some(ada.roster(1, &[])),
        ..News::default()
    };
    let mut facts = ada.facts();
    assert!(facts.learn(&proofs, &news).changed);
    assert_eq!(counting.taken(), 2 * 5 * 10 + 5 + 1);
    // The same again costs nothing.
    assert!(!facts.learn(&proofs, &news).changed);
    assert_eq!(counting.taken(), 0);
}

#[test]
fn more_votes_of_a_site_that_is_known_to_be_bad_cost_nothing() {
    let fleet = Fleet::symbolic(1);
    let ada = Owner::new(&fleet, 10);
    let counting = Counting::default();
    let proofs = Proofs { signatures: &counting, ..fleet.proofs() };
    let mut facts = ada.facts();
    for tried in 0..100 {
        let vote = fleet.vote(ada.account(), 0, 1, TryId([tried; 32]), 1);
        facts.join_vote(&proofs, &vote).unwrap();
    }
    assert_eq!(counting.taken(), 2);
}

#[test]
fn other_proofs_of_what_is_proved_cost_nothing() {
    let fleet = Fleet::symbolic(1);
    let ada = Owner::new(&fleet, 10);
    let account = ada.account();
    let counting = Counting::default();
    let proofs = Proofs { signatures: &counting, ..fleet.proofs() };
    let mut facts = ada.facts();
    facts.join_admission(&proofs, &fleet.tickets(account, &[1, 2, 3])).unwrap();
    facts.join_round_end(&proofs, &fleet.round_end(account, 0, &[1, 2, 3])).unwrap();
    facts.join_removal(&proofs, &ada.removal()).unwrap();
    counting.taken();
    facts.join_admission(&proofs, &fleet.tickets(account, &[3, 4, 5])).unwrap();
    facts.join_round_end(&proofs, &fleet.round_end(account, 0, &[3, 4, 5])).unwrap();
    facts.join_round_end(&proofs, &ada.reset(7)).unwrap();
    facts.join_vote(&proofs, &fleet.vote(account, 1, 1, TryId([1; 32]), 1)).unwrap();
    facts.join_removal(&proofs, &ada.removal()).unwrap();
    assert_eq!(counting.taken(), 0);
}

#[test]
fn no_list_is_read_further_than_a_fleet_has_sites() {
    let fleet = Fleet::symbolic(1);
    let ada = Owner::new(&fleet, 10);
    let counting = Counting::default();
    let proofs = Proofs { signatures: &counting, ..fleet.proofs() };
    let tried = ada.tried(1);
    let id = tried.id(&fleet.keys.digest);
    let vote = fleet.vote(ada.account(), 0, 1, id, 1).statement;
    let forged = Statement { signature: Signature64([0; 64]), ..vote };
    let certificate = Certificate { tried, votes: vec![forged; 1000] };
    assert!(proofs.votes(&certificate).is_empty());
    assert_eq!(counting.taken(), 5);
    let many = vec![1; 1000];
    assert!(proofs.admission(ada.account(), &fleet.tickets(ada.account(), &many)).is_err());
    assert_eq!(counting.taken(), 5);
    let end = fleet.round_end(ada.account(), 0, &many);
    assert!(proofs.round_end(ada.account(), &ada.claim.owner.0, &end).is_err());
    assert_eq!(counting.taken(), 5);
}

#[test]
fn a_certificate_that_is_known_is_not_checked_again() {
    let fleet = Fleet::symbolic(1);
    let counting = Counting::default();
    let mut vote_keys = fleet.vote_keys.clone();
    assert!(vote_keys.learn(&fleet.keys, &counting, &fleet.certificate(1)));
    assert_eq!(counting.taken(), 0);
}
