//! Checks C1 to C3 of running sites, from what they answered to a verifier's own nonce.

mod counts;
mod own_logins;
mod published_log;
mod statement;

use crate::bundle::VerifiedBundle;
use crate::check_id::CheckId;
use crate::evidence::VerifiedEvidence;
use crate::folder::Head;
use crate::report::{Check, Report};
use crate::trust::Trust;
use vault_protocol::{LiveProof, Site, SiteIndex};

/// Raw lines of a published audit log, or why there are none.
pub type Published = Result<Vec<[u8; 32]>, String>;

/// What one site said to a nonce. Nothing in it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteReply {
    /// It could not be asked, or cannot answer now: the check stays open.
    Silent(String),
    /// It could not prove that it is part of the fleet.
    Impostor(String),
    /// It proved itself.
    Proof {
        /// What its device says now.
        proof: Box<LiveProof>,
        /// The published log of its device since the ceremony, at least as long as its counts say;
        /// or why there is none.
        log: Published,
    },
}

/// One question to all sites: the nonce, and each site's reply, in the order of the bundle.
#[derive(Clone, Debug)]
pub struct Round {
    /// Random, drawn for this round: an old answer does not fit it.
    pub nonce: [u8; 32],
    /// What each site said, or that it said nothing.
    pub replies: Vec<(SiteIndex, SiteReply)>,
}

impl Round {
    fn reply(&self, site: SiteIndex) -> Option<&SiteReply> {
        self.replies.iter().find(|(index, _)| *index == site).map(|(_, reply)| reply)
    }
}

/// Adds checks C1 to C3 to a verified bundle's report, or to that of its evidence, from one or two
/// rounds of questions. With evidence, each device's published log must go on from where its
/// ceremony ended.
pub fn verify_live(
    bundle: &VerifiedBundle,
    evidence: Option<&VerifiedEvidence>,
    trust: &Trust,
    rounds: &[Round],
    now: u64,
) -> Report {
    let statements = judge(CheckId::C1, bundle, rounds, |site, round, reply| {
        statement::check(bundle, trust, site, round, reply, now)
    });
    let counts = judge(CheckId::C2, bundle, rounds, |site, round, reply| {
        counts::check(bundle, evidence, site, round, reply)
    });
    let logins = judge(CheckId::C3, bundle, rounds, |site, _, reply| {
        own_logins::check(evidence, site, reply)
    });
    evidence
        .map_or(bundle.report(), VerifiedEvidence::report)
        .with(vec![statements, counts, logins])
}

/// A site that answers wrongly fails the check; one that does not answer leaves it open.
fn judge(
    id: CheckId,
    bundle: &VerifiedBundle,
    rounds: &[Round],
    check: impl Fn(&Site, &Round, &SiteReply) -> Result<String, Doubt>,
) -> Check {
    let (mut good, mut open) = (Vec::new(), Vec::new());
    let mut early = false;
    for round in rounds {
        for site in bundle.sites() {
            let silent = SiteReply::Silent("it was not asked".into());
            match check(site, round, round.reply(site.index).unwrap_or(&silent)) {
                Ok(fine) => good.push(format!("site {}: {fine}", site.index)),
                Err(Doubt::Open(why)) => open.push(format!("site {}: {why}", site.index)),
                Err(Doubt::NotYet(why)) => {
                    early = true;
                    open.push(format!("site {}: {why}", site.index));
                }
                Err(Doubt::Wrong(why)) => {
                    return Check::fail(id, format!("site {}: {why}", site.index));
                }
            }
        }
    }
    if open.is_empty() && !good.is_empty() {
        return Check::pass(id, good.join("; "));
    }
    let reason = format!("{} answers were right; {}", good.len(), open.join("; "));
    if early { Check::not_yet(id, reason) } else { Check::not_checked(id, reason) }
}

enum Doubt {
    Open(String),
    /// It is still to come.
    NotYet(String),
    Wrong(String),
}

fn proof(reply: &SiteReply) -> Result<(&LiveProof, &Published), Doubt> {
    match reply {
        SiteReply::Proof { proof, log } => Ok((proof, log)),
        SiteReply::Silent(why) => Err(Doubt::Open(why.clone())),
        SiteReply::Impostor(why) => Err(Doubt::Wrong(why.clone())),
    }
}

/// Where the log of a site's device stood at the end of its ceremony, if there is evidence.
fn end_of_ceremony(evidence: Option<&VerifiedEvidence>, site: &Site) -> Option<Head> {
    let serial = site.device().map(|d| d.serial);
    evidence?.statements().iter().find(|s| Some(s.serial()) == serial).map(|s| s.head())
}

fn head(proof: &LiveProof) -> Head {
    Head { number: proof.head_number, digest: proof.head_digest }
}
