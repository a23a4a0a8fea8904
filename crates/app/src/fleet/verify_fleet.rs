//! Can this fleet be trusted? Check by check.

use super::evidence::{Examined, examine, from_person, published, view};
use super::{
    Connected, Findings, NotConnected, examine_published, fleet_report, live, try_connect,
};
use crate::model::{EvidenceView, FleetReport, SiteStatus};
use crate::recovery::advice_for;
use crate::{AppError, Keepsake, Result};
use fleet_evidence::{
    CheckId, FleetUrl, Report, Round, SiteReply, VerifiedEvidence, explain, verify_live,
};

/// How to verify a fleet that is reached over the network.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// Evidence in this folder or at this address instead of the published one.
    pub evidence: Option<String>,
    /// Ask the running sites as well (checks C1 to C3); each makes a device statement for it.
    pub live: bool,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { evidence: None, live: true }
    }
}

/// Verifies a fleet's newest bundle, its published evidence and its running sites. A fleet that is
/// refused is a report, not an error.
pub async fn verify_fleet(keepsake: &Keepsake, fleet_url: &str) -> Result<FleetReport> {
    verify_fleet_with(keepsake, fleet_url, &VerifyOptions::default()).await
}

/// As [`verify_fleet`], with evidence from elsewhere or without asking the sites.
pub async fn verify_fleet_with(
    keepsake: &Keepsake,
    fleet_url: &str,
    options: &VerifyOptions,
) -> Result<FleetReport> {
    match try_connect(keepsake, fleet_url).await {
        Ok(connected) => {
            let mut report = verify_connected(keepsake, &connected, options).await?;
            advise_owner(keepsake, &connected, &mut report)?;
            Ok(report)
        }
        Err(NotConnected::Refused(refused)) => {
            let trust = FleetUrl::parse(fleet_url).ok().and_then(|url| url.pin).unwrap_or_default();
            Ok(fleet_report(
                &refused,
                Findings {
                    url: Some(fleet_url),
                    trust,
                    now: keepsake.now(),
                    ..Findings::default()
                },
            ))
        }
        Err(NotConnected::Error(error)) => Err(error),
    }
}

/// What a check is about and why it matters; `None` if there is no such check.
pub fn explain_check(check: &str) -> Option<String> {
    CheckId::parse(check).map(explain)
}

/// The fleet that holds this computer's recovery code.
pub async fn verify_own_fleet(keepsake: &Keepsake) -> Result<FleetReport> {
    let at = keepsake.account_at()?.ok_or_else(AppError::not_enrolled)?;
    verify_fleet(keepsake, &at.address.fleet_url).await
}

/// A good fleet with new keys: whoever has a code at the old ones hears of it here.
fn advise_owner(
    keepsake: &Keepsake,
    connected: &Connected,
    report: &mut FleetReport,
) -> Result<()> {
    let own = keepsake.account_at()?.filter(|at| at.address.trust == connected.verified.trust_id());
    if let Some(at) = own.filter(|_| report.trusted)
        && let Some(advice) = advice_for(&at.address.keys, connected.verified.bundle())
    {
        report.next = advice;
    }
    Ok(())
}

async fn verify_connected(
    keepsake: &Keepsake,
    connected: &Connected,
    options: &VerifyOptions,
) -> Result<FleetReport> {
    let (examined, view) = examine_any(keepsake, connected, options.evidence.as_deref()).await?;
    let (evidence, refused) = match examined {
        Some(Examined::Good(evidence)) => (Some(evidence), None),
        Some(Examined::Bad(report)) => (None, Some(*report)),
        None => (None, None),
    };
    let base = evidence.as_ref().map_or(connected.verified.report(), |e| e.report()).clone();
    let (report, rounds) = match refused {
        Some(refused) => (refused, vec![]),
        None if options.live => ask(connected, evidence.as_deref()).await,
        None => (base, vec![]),
    };
    let findings = Findings {
        url: Some(&connected.url),
        trust: connected.trust.id(),
        bundle: Some(connected.verified.bundle()),
        evidence: Some(view),
        asked_sites: !rounds.is_empty(),
        noticed: connected.memory.changes()?,
        now: keepsake.now(),
    };
    let mut told = fleet_report(&report, findings);
    if let Some(round) = rounds.last() {
        told.sites.iter_mut().for_each(|site| mark(site, round));
    }
    Ok(told)
}

/// The published evidence, whose verdict is remembered; or what a person named. That is remembered
/// only if it is good: the signed bundle says which evidence is the right one, from wherever it
/// came.
async fn examine_any(
    keepsake: &Keepsake,
    connected: &Connected,
    named: Option<&str>,
) -> Result<(Option<Examined>, EvidenceView)> {
    if let Some(place) = named {
        let supplied = from_person(&*keepsake.network().reach(None)?, place).await?;
        let examined = examine(&connected.verified, &connected.trust, &supplied, keepsake.now());
        let examined = match examined {
            Examined::Good(_) => examine_published(connected, &supplied)?,
            refused => refused,
        };
        return Ok((Some(examined), view(&supplied)));
    }
    match published(connected).await {
        Ok(supplied) => Ok((Some(examine_published(connected, &supplied)?), view(&supplied))),
        Err(why) => {
            let source = connected.verified.bundle().evidence.url.clone();
            Ok((None, EvidenceView { source, files: 0, problem: Some(why) }))
        }
    }
}

async fn ask(connected: &Connected, evidence: Option<&VerifiedEvidence>) -> (Report, Vec<Round>) {
    let rounds = live::ask(connected).await;
    (
        verify_live(
            &connected.verified,
            evidence,
            &connected.trust,
            &rounds,
            connected.clock.unix_now(),
        ),
        rounds,
    )
}

fn mark(site: &mut SiteStatus, round: &Round) {
    let reply =
        round.replies.iter().find(|(index, _)| index.0 == site.index).map(|(_, reply)| reply);
    site.reachable = matches!(reply, Some(SiteReply::Proof { .. } | SiteReply::Impostor(_)));
    site.problem = match reply {
        Some(SiteReply::Silent(why) | SiteReply::Impostor(why)) => Some(why.clone()),
        _ => None,
    };
}
