//! Checks C1 and C2 of running sites, from what they answered to a verifier's own nonce.

use crate::bundle::VerifiedBundle;
use crate::evidence::{Entry, VerifiedEvidence, verify_live_statement};
use crate::folder::{DeviceStatement, LogHead, Purpose};
use crate::report::{Check, CheckId, Report};
use crate::rules::{KeyRole, OPERATIONAL_AUTH_KEY, STATEMENT_AUTH_KEY, command};
use crate::trust::Trust;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use vault_protocol::{AUDIT_COUNTS_TYPE, LiveProof, Site, SiteIndex, live_counts_message};

/// Login of lines that a device writes by itself.
const NOBODY: u16 = 0xffff;

/// Raw lines of a published audit log, or why there are none.
pub type Published = Result<Vec<[u8; 32]>, String>;

/// What one site said to a nonce. Nothing in it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteReply {
    /// It could not be asked, or cannot answer now: the check stays open.
    Silent(String),
    /// It could not prove that it is part of the fleet.
    Impostor(String),
    Proof {
        proof: Box<LiveProof>,
        /// The published log of its device since the ceremony, at least as long as its counts say; or why there is none.
        log: Published,
    },
}

/// One question to all sites: the nonce, and each site's reply, in the order of the bundle.
#[derive(Clone, Debug)]
pub struct Round {
    pub nonce: [u8; 32],
    pub replies: Vec<(SiteIndex, SiteReply)>,
}

impl Round {
    fn reply(&self, site: SiteIndex) -> Option<&SiteReply> {
        self.replies.iter().find(|(index, _)| *index == site).map(|(_, reply)| reply)
    }
}

/// Adds checks C1 and C2 to a verified bundle's report, or to that of its evidence, from one or two rounds of questions.
/// With evidence, each device's published log must go on from where its ceremony ended.
pub fn verify_live(
    bundle: &VerifiedBundle,
    evidence: Option<&VerifiedEvidence>,
    trust: &Trust,
    rounds: &[Round],
    now: u64,
) -> Report {
    let statements = judge(CheckId::C1, bundle, rounds, |site, round, reply| {
        check_statement(bundle, trust, site, round, reply, now)
    });
    let counts =
        judge(CheckId::C2, bundle, rounds, |site, round, reply| check_counts(bundle, evidence, site, round, reply));
    evidence.map_or(bundle.report(), VerifiedEvidence::report).with(vec![statements, counts])
}

/// A site that answers wrongly fails the check; one that does not answer leaves it open.
fn judge(
    id: CheckId,
    bundle: &VerifiedBundle,
    rounds: &[Round],
    check: impl Fn(&Site, &Round, &SiteReply) -> Result<String, Doubt>,
) -> Check {
    let (mut good, mut open) = (Vec::new(), Vec::new());
    for round in rounds {
        for site in bundle.sites() {
            let silent = SiteReply::Silent("it was not asked".into());
            match check(site, round, round.reply(site.index).unwrap_or(&silent)) {
                Ok(fine) => good.push(format!("site {}: {fine}", site.index)),
                Err(Doubt::Open(why)) => open.push(format!("site {}: {why}", site.index)),
                Err(Doubt::Wrong(why)) => return Check::fail(id, format!("site {}: {why}", site.index)),
            }
        }
    }
    if open.is_empty() && !good.is_empty() {
        return Check::pass(id, good.join("; "));
    }
    Check::not_checked(id, format!("{} answers were right; {}", good.len(), open.join("; ")))
}

enum Doubt {
    Open(String),
    Wrong(String),
}

fn proof(reply: &SiteReply) -> Result<(&LiveProof, &Published), Doubt> {
    match reply {
        SiteReply::Proof { proof, log } => Ok((proof, log)),
        SiteReply::Silent(why) => Err(Doubt::Open(why.clone())),
        SiteReply::Impostor(why) => Err(Doubt::Wrong(why.clone())),
    }
}

/// Check C1 of one site.
fn check_statement(
    bundle: &VerifiedBundle,
    trust: &Trust,
    site: &Site,
    round: &Round,
    reply: &SiteReply,
    now: u64,
) -> Result<String, Doubt> {
    let (proof, _) = proof(reply)?;
    let statement = DeviceStatement {
        serial: site.device().map_or(0, |d| d.serial),
        purpose: Purpose::Live,
        challenge: round.nonce,
        head: head(proof),
        bundle: bundle.id(),
        certificate: proof.certificate.clone(),
        device_chain: proof.device_chain.clone(),
    };
    let verified = verify_live_statement(bundle, trust, site.index, &round.nonce, &statement, now)
        .map_err(|e| Doubt::Wrong(e.to_string()))?;
    check_receipt(site, round, proof).map_err(Doubt::Wrong)?;
    Ok(format!("device {} at line {} of its log", verified.serial(), verified.head().number))
}

/// The receipt key signed the nonce: the site holds it now.
fn check_receipt(site: &Site, round: &Round, proof: &LiveProof) -> Result<(), String> {
    let key = site.device().ok_or("it has no device")?.receipt_key;
    let key = VerifyingKey::from_sec1_bytes(&key.0).map_err(|_| "its receipt key is unusable")?;
    let signature = Signature::from_slice(&proof.signature.0).map_err(|_| "its receipt is not a signature")?;
    let message = live_counts_message(&round.nonce, &proof.counts);
    key.verify(&message, &signature)
        .map_err(|_| "its counts are not signed by its receipt key for this question".into())
}

/// Check C2 of one site.
fn check_counts(
    bundle: &VerifiedBundle,
    evidence: Option<&VerifiedEvidence>,
    site: &Site,
    round: &Round,
    reply: &SiteReply,
) -> Result<String, Doubt> {
    let (proof, log) = proof(reply)?;
    let counts = &proof.counts;
    check_receipt(site, round, proof).map_err(Doubt::Wrong)?;
    let serial = site.device().map(|d| d.serial);
    let named = (counts.kind.as_str(), counts.site, counts.bundle, Some(counts.serial));
    if named != (AUDIT_COUNTS_TYPE, site.index, bundle.id(), serial) {
        return Err(Doubt::Wrong("its counts are about another site, bundle or device".into()));
    }
    if counts.surplus() > 0 {
        return Err(Doubt::Wrong(format!("its device did {} operations that nobody asked for", counts.surplus())));
    }
    let log = log.as_ref().map_err(|why| Doubt::Open(format!("its log could not be had: {why}")))?;
    let start = evidence.and_then(|e| e.statements().iter().find(|s| Some(s.serial()) == serial)).map(|s| s.head());
    follow(start, log, head(proof), counts.entries, counts.oprf_entries).map_err(Doubt::Wrong)?;
    let from = if start.is_some() { "since its ceremony" } else { "in what it published" };
    let (steps, tries) = (counts.oprf_entries, counts.evaluated);
    Ok(format!("{steps} evaluation steps, {tries} certified tries, {} lines {from}", log.len()))
}

/// The published log is one chain, goes on from the ceremony, contains the line that the device vouched for, and shows
/// exactly the counted uses of the oprf key.
fn follow(
    start: Option<LogHead>,
    log: &[[u8; 32]],
    head: LogHead,
    entries: u64,
    oprf_entries: u64,
) -> Result<(), String> {
    let lines: Vec<Entry> = log.iter().map(Entry::read).collect();
    if let (Some(start), Some(first)) = (start, lines.first())
        && !first.follows(start.number, &start.digest)
    {
        return Err("its published log does not go on from the end of its ceremony".into());
    }
    if let Some(pair) = lines.windows(2).find(|pair| !pair[1].continues(&pair[0])) {
        return Err(format!("its published log is broken at line {}", pair[1].number));
    }
    let known = |login| matches!(login, OPERATIONAL_AUTH_KEY | STATEMENT_AUTH_KEY | NOBODY);
    if let Some(line) = lines.iter().find(|l| !known(l.session_key)) {
        return Err(format!("line {} was made with login {:#06x}", line.number, line.session_key));
    }
    let vouched = start == Some(head) || log.iter().any(|entry| LogHead::of(entry) == head);
    if !vouched {
        return Err("its published log lacks the line that its device vouched for".into());
    }
    let counted = usize::try_from(entries).ok().and_then(|n| lines.get(..n));
    let counted = counted.ok_or("its published log is shorter than its counts say")?;
    let uses = counted.iter().filter(|l| is_oprf_use(l)).count() as u64;
    if uses == oprf_entries {
        Ok(())
    } else {
        Err(format!("its log shows {uses} evaluation steps, it counts {oprf_entries}"))
    }
}

fn is_oprf_use(line: &Entry) -> bool {
    line.command == command::DERIVE_ECDH && line.target == KeyRole::Oprf.id() && line.succeeded()
}

fn head(proof: &LiveProof) -> LogHead {
    LogHead { number: proof.head_number, digest: proof.head_digest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn log(length: u16, command: u8, login: u16) -> Vec<[u8; 32]> {
        let mut before = [7; 16];
        let line = |number: u16| {
            let mut raw = [0; 32];
            raw[..2].copy_from_slice(&number.to_be_bytes());
            raw[2] = command;
            raw[5..7].copy_from_slice(&login.to_be_bytes());
            raw[7..9].copy_from_slice(&KeyRole::Oprf.id().to_be_bytes());
            raw[11] = command | 0x80;
            let digest = Sha256::new_with_prefix(&raw[..16]).chain_update(before).finalize();
            raw[16..].copy_from_slice(&digest[..16]);
            before = LogHead::of(&raw).digest;
            raw
        };
        (11..11 + length).map(line).collect()
    }

    const START: LogHead = LogHead { number: 10, digest: [7; 16] };

    #[test]
    fn a_log_that_goes_on_from_the_ceremony_and_shows_the_counted_uses_is_followed() {
        let log = log(6, command::DERIVE_ECDH, OPERATIONAL_AUTH_KEY);
        assert_eq!(follow(Some(START), &log, LogHead::of(&log[4]), 6, 6), Ok(()));
        assert_eq!(follow(None, &log[1..], LogHead::of(&log[4]), 5, 5), Ok(()));
        assert_eq!(follow(Some(START), &[], START, 0, 0), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let good = log(6, command::DERIVE_ECDH, OPERATIONAL_AUTH_KEY);
        let head = LogHead::of(&good[4]);
        let refused = |log: &[[u8; 32]], entries, uses| follow(Some(START), log, head, entries, uses).unwrap_err();
        assert!(refused(&good[1..], 5, 5).contains("end of its ceremony"));
        assert!(refused(&[&good[..2], &good[3..]].concat(), 5, 5).contains("broken at line 14"));
        assert!(refused(&good[..4], 4, 4).contains("lacks the line"));
        assert!(refused(&good, 7, 6).contains("shorter"));
        assert!(refused(&good, 6, 4).contains("shows 6 evaluation steps"));
        let foreign = log(6, command::DERIVE_ECDH, 0x0001);
        assert!(refused(&foreign, 6, 6).contains("login 0x0001"));
    }
}
