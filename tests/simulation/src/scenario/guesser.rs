//! Somebody who has the header of an own code, and whatever bad sites give: splits votes, feeds
//! sites the past, asks in every order.

use super::{Course, Watch};
use crate::dice::Dice;
use crate::person::{Person, stretched};
use crate::raw::RawClient;
use recovery_crypto::AccessSigner;
use recovery_crypto::oprf::{Blinded, blind};
use std::collections::BTreeMap;
use vault_protocol::{
    Answer, Certificate, News, Request, Round, Shown, Signature64, SiteIndex, Slot, Statement, Try,
    alpha_digest,
};
use vault_server::site::ports::Draw;

/// Rounds of guessing.
const BOUTS: u64 = 8;
/// Of clients, the guesser's number.
const CLIENT: u8 = 9;

/// One wrong code and what it is tried as.
struct Guess {
    blinded: Blinded,
    tried: Try,
    votes: Vec<Statement>,
}

struct Guesser<'a> {
    watch: &'a Watch,
    dice: Dice,
    client: RawClient,
    victim: Person,
    signer: AccessSigner,
    /// What each site showed last; it is not passed on where that does not help.
    shown: BTreeMap<SiteIndex, Shown>,
    guesses: u64,
}

/// Guesses at the first person's code, if there is somebody who does.
pub(super) async fn run(watch: &Watch, course: &Course, victim: Option<Person>) {
    let Some(victim) = victim.filter(|_| course.guesser) else { return };
    let dice = Dice::new(course.seed, "guesser");
    let mut guesser = Guesser {
        watch,
        client: RawClient::new(&watch.fleet, CLIENT),
        signer: AccessSigner::of_own_code(&victim.secret),
        victim,
        dice,
        shown: BTreeMap::new(),
        guesses: 0,
    };
    for _ in 0..BOUTS {
        guesser.bout().await;
        let pause = guesser.dice.millis(0, 40_000);
        tokio::time::sleep(pause).await;
    }
}

impl Guesser<'_> {
    async fn bout(&mut self) {
        let sites: Vec<_> = self.watch.fleet.sites().collect();
        for site in &sites {
            let account = self.victim.account();
            if let Some(Ok(Answer::Shown(shown))) =
                self.client.ask(*site, &Request::Show { account }).await
            {
                self.shown.insert(*site, *shown);
            }
        }
        // Several guesses in one slot: every honest site votes for one, bad ones for all.
        let guesses = 1 + self.dice.below(3);
        let mut made = Vec::new();
        for _ in 0..guesses {
            made.extend(self.make());
        }
        for site in sites {
            let favourite = self.dice.below(guesses);
            for (guess, n) in made.iter_mut().zip(0..) {
                if n == favourite || self.watch.bad.contains(&site) {
                    self.collect(site, guess).await;
                }
            }
        }
        for guess in &made {
            self.evaluate(guess).await;
        }
    }

    /// For a round and a slot that some site stands in.
    fn make(&mut self) -> Option<Guess> {
        let known: Vec<_> = self.shown.values().cloned().collect();
        if known.is_empty() {
            return None;
        }
        let shown = self.dice.pick(&known);
        self.guesses += 1;
        let code = stretched(&format!("guess {}", self.guesses));
        let blinded = blind(&code, &mut Draw(&self.dice)).ok()?;
        let round: Round = shown.news.round_end.as_ref().map_or(0, |end| end.round + 1);
        let mut tried = Try {
            account: self.victim.account(),
            version: shown.record.map_or(1, |signed| signed.record.version),
            round,
            slot: next_slot(&shown),
            alpha: alpha_digest(&blinded.alpha()),
            at: shown.clock,
            signature: Signature64([0; 64]),
        };
        let keys = self.watch.fleet.keys().digest;
        tried.signature = self.signer.sign(&tried.message(&keys));
        Some(Guess { blinded, tried, votes: Vec::new() })
    }

    async fn collect(&mut self, site: SiteIndex, guess: &mut Guess) {
        let news = self.some_news();
        let request = Request::Vote { tried: guess.tried, news };
        if let Some(Ok(Answer::Voted(vote))) = self.client.ask(site, &request).await {
            guess.votes.push(vote);
        }
    }

    async fn evaluate(&mut self, guess: &Guess) {
        let quorum = self.watch.fleet.keys().quorum(guess.tried.slot);
        if guess.votes.len() < quorum && !self.dice.in_1000(100) {
            return;
        }
        let sites: Vec<_> = self.watch.fleet.sites().collect();
        for site in sites {
            let certificate = Certificate { tried: guess.tried, votes: guess.votes.clone() };
            let news = self.all_news();
            let alpha = guess.blinded.alpha();
            let request = Request::Evaluate { certificate, alpha, news };
            let answer = self.client.ask(site, &request).await;
            let got = matches!(answer, Some(Ok(Answer::Share { .. })));
            let tried = &guess.tried;
            let line = format_args!(
                "guesser: round {} slot {} at site {site}: {got}",
                tried.round, tried.slot
            );
            self.watch.fleet.history().note(line);
        }
    }

    /// What one site showed, or nothing: a site that is behind may stay behind.
    fn some_news(&self) -> News {
        let known: Vec<_> = self.shown.values().collect();
        match self.dice.below(3) {
            0 => News::default(),
            _ => known
                .get(self.dice.below(known.len() as u64) as usize)
                .map_or_else(News::default, |shown| bounded(&[shown])),
        }
    }

    fn all_news(&self) -> News {
        bounded(&self.shown.values().collect::<Vec<_>>())
    }
}

/// Votes, and the certificates of all vote keys; no round's end, which would take the past away.
fn bounded(shown: &[&Shown]) -> News {
    let certificates =
        shown.iter().flat_map(|s| s.news.certificates.iter().copied().chain([s.certificate]));
    let mut certificates: Vec<_> = certificates.collect();
    certificates.sort_unstable();
    certificates.dedup();
    let votes = shown.iter().flat_map(|s| s.news.votes.iter().copied());
    let mut votes: Vec<_> = votes.collect();
    votes.sort_unstable();
    votes.dedup();
    News { certificates, votes, ..News::default() }
}

/// The first slot that what a site shows does not show to be spent.
fn next_slot(shown: &Shown) -> Slot {
    let voters = |slot: Slot| {
        let of_slot = shown.news.votes.iter().filter(|vote| vote.slot == slot);
        let mut sites: Vec<_> = of_slot.map(|vote| vote.statement.site).collect();
        sites.sort_unstable();
        sites.dedup();
        sites.len()
    };
    (1..=10).find(|slot| voters(*slot) < 3).unwrap_or(10)
}
