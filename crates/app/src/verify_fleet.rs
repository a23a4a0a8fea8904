//! Can this fleet be trusted? Check by check.

use crate::clock::unix_now;
use crate::files::read_bounded;
use crate::fleet::evidence::{Examined, Supplied, examine, from_person, published};
use crate::fleet::{
    Connected, Findings, Https, NotConnected, examine_published, fleet_report, known_trusts, live, try_connect,
};
use crate::model::{EvidenceView, FleetReport, SiteStatus};
use crate::{AppError, Keepsake, Result, old_keys};
use fleet_evidence::log::ConsistencyProof;
use fleet_evidence::{
    BundleDocuments, CheckId, Refused, Report, Round, Seen, SiteReply, Trust, VerifiedEvidence, explain, verify_bundle,
    verify_live,
};
use std::path::{Path, PathBuf};
use vault_protocol::SignedBundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Earlier bundles in a folder: far more epochs than a fleet has.
const MAX_HISTORY: usize = 4096;

/// How to verify a fleet that is reached over the network.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// Evidence in this folder or at this address instead of the published one.
    pub evidence: Option<String>,
    /// Ask the running sites as well (checks C1 and C2); each makes a device statement for it.
    pub live: bool,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { evidence: None, live: true }
    }
}

/// A bundle in a file, and what there is to verify it with. Nothing is remembered.
#[derive(Clone, Debug, Default)]
pub struct OfflineVerify {
    pub bundle: PathBuf,
    /// A trust document; else one of the fleets that this computer knows.
    pub trust: Option<PathBuf>,
    /// A folder or an address.
    pub evidence: Option<String>,
    /// A folder with the signed bundles of earlier epochs.
    pub history: Option<PathBuf>,
    /// What an earlier verification saw (`seen.json`).
    pub seen: Option<PathBuf>,
    /// Hashes (JSON list of hex) that lead from the log seen before to this one.
    pub consistency: Option<PathBuf>,
    /// Verify as of this time, unix seconds.
    pub at: Option<u64>,
}

/// Verifies a fleet's newest bundle, its published evidence and its running sites. A fleet that is refused is a report,
/// not an error.
pub async fn verify_fleet(keepsake: &Keepsake, fleet_url: &str) -> Result<FleetReport> {
    verify_fleet_with(keepsake, fleet_url, &VerifyOptions::default()).await
}

/// As [`verify_fleet`], with evidence from elsewhere or without asking the sites.
pub async fn verify_fleet_with(keepsake: &Keepsake, fleet_url: &str, options: &VerifyOptions) -> Result<FleetReport> {
    match try_connect(keepsake, fleet_url).await {
        Ok(connected) => {
            let mut report = verify_connected(&connected, options).await?;
            advise_owner(keepsake, &connected, &mut report)?;
            Ok(report)
        }
        Err(NotConnected::Refused(refused)) => {
            Ok(fleet_report(&refused, Findings { url: Some(fleet_url), now: unix_now(), ..Findings::default() }))
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
    let slot = keepsake.account_slot()?.ok_or_else(AppError::not_enrolled)?;
    verify_fleet(keepsake, &slot.fleet_url).await
}

/// A good fleet with new keys: whoever has a code at the old ones hears of it here.
fn advise_owner(keepsake: &Keepsake, connected: &Connected, report: &mut FleetReport) -> Result<()> {
    let ours = keepsake.account_slot()?.is_some_and(|slot| slot.trust == hex::encode(connected.verified.trust_id()));
    if ours
        && report.trusted
        && let Some(sentence) = old_keys::warning(keepsake.account_keys()?, connected.verified.bundle())
    {
        report.next = format!("{sentence} {}", old_keys::ENROL_ANEW);
    }
    Ok(())
}

async fn verify_connected(connected: &Connected, options: &VerifyOptions) -> Result<FleetReport> {
    let (examined, view) = examine_any(connected, options.evidence.as_deref()).await?;
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
        bundle: Some(connected.verified.bundle()),
        evidence: Some(view),
        asked_sites: !rounds.is_empty(),
        noticed: connected.memory.changes()?,
        now: unix_now(),
    };
    let mut told = fleet_report(&report, findings);
    if let Some(round) = rounds.last() {
        told.sites.iter_mut().for_each(|site| mark(site, round));
    }
    Ok(told)
}

/// The published evidence, whose verdict is remembered; or what a person named, whose verdict is only shown.
async fn examine_any(connected: &Connected, named: Option<&str>) -> Result<(Option<Examined>, EvidenceView)> {
    if let Some(place) = named {
        let supplied = from_person(&Https::new(None)?, place).await?;
        let examined = examine(&connected.verified, &connected.trust, &supplied, unix_now());
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

fn view(supplied: &Supplied) -> EvidenceView {
    let files = u32::try_from(supplied.folder.files().len()).unwrap_or(u32::MAX);
    EvidenceView { source: supplied.source.clone(), files, problem: None }
}

async fn ask(connected: &Connected, evidence: Option<&VerifiedEvidence>) -> (Report, Vec<Round>) {
    let rounds = live::ask(connected).await;
    (verify_live(&connected.verified, evidence, &connected.trust, &rounds, unix_now()), rounds)
}

fn mark(site: &mut SiteStatus, round: &Round) {
    let reply = round.replies.iter().find(|(index, _)| index.0 == site.index).map(|(_, reply)| reply);
    site.reachable = matches!(reply, Some(SiteReply::Proof { .. } | SiteReply::Impostor(_)));
    site.problem = match reply {
        Some(SiteReply::Silent(why) | SiteReply::Impostor(why)) => Some(why.clone()),
        _ => None,
    };
}

/// Verifies a signed bundle in a file. Offline, unless the evidence is at an address.
pub async fn verify_bundle_file(keepsake: &Keepsake, request: &OfflineVerify) -> Result<FleetReport> {
    let now = request.at.unwrap_or_else(unix_now);
    let signed = read(&request.bundle)?;
    let trust = match &request.trust {
        Some(path) => Trust::from_json(&read(path)?).map_err(|e| AppError::fleet_url(&e.to_string()))?,
        None => known_trust(keepsake, &signed)?,
    };
    let history = request.history.as_deref().map(bundles_in).transpose()?.unwrap_or_default();
    let seen: Option<Seen> = request.seen.as_deref().map(read_json).transpose()?;
    let consistency = request.consistency.as_deref().map(consistency).transpose()?;
    let documents = BundleDocuments { signed: &signed, history: &history, consistency: consistency.as_ref() };
    let verified = match verify_bundle(&documents, &trust, seen.as_ref(), now) {
        Ok(verified) => verified,
        Err(Refused(refused)) => return Ok(fleet_report(&refused, Findings { now, ..Findings::default() })),
    };
    let mut findings = Findings { bundle: Some(verified.bundle()), now, ..Findings::default() };
    let Some(place) = &request.evidence else { return Ok(fleet_report(verified.report(), findings)) };
    let supplied = from_person(&Https::new(None)?, place).await?;
    findings.evidence = Some(view(&supplied));
    Ok(match examine(&verified, &trust, &supplied, now) {
        Examined::Good(evidence) => fleet_report(evidence.report(), findings),
        Examined::Bad(refused) => fleet_report(&refused, findings),
    })
}

/// The trust document of the fleet that holds this computer's code; else the only one of this namespace that is known.
/// Two of one namespace are never chosen between: a backup from elsewhere may have brought one of them here.
fn known_trust(keepsake: &Keepsake, signed: &[u8]) -> Result<Trust> {
    let namespace = SignedBundle::from_json(signed).map(|s| s.bundle.namespace).ok();
    let mut fitting = known_trusts(keepsake);
    fitting.retain(|trust| namespace.as_ref().is_some_and(|n| n == trust.namespace()));
    let own = keepsake.account_slot()?.and_then(|slot| fitting.iter().position(|t| hex::encode(t.id()) == slot.trust));
    match (own, fitting.len()) {
        (Some(at), _) => Ok(fitting.swap_remove(at)),
        (None, 1) => Ok(fitting.remove(0)),
        _ => Err(AppError::new(
            "no_trust",
            "This computer does not know for sure which keys this fleet must have.",
            "Nothing was trusted.",
            "Give the fleet's trust document with --trust FILE, or verify the fleet's full address instead.",
        )),
    }
}

fn bundles_in(dir: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = std::fs::read_dir(dir).map_err(|e| unreadable(dir, &e))?;
    let paths = entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(|e| unreadable(dir, &e))?;
    paths.sort();
    paths.iter().take(MAX_HISTORY).map(|path| read(path)).collect()
}

fn consistency(path: &Path) -> Result<ConsistencyProof> {
    let hashes: Vec<String> = read_json(path)?;
    let hash = |text: &String| {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map(|()| hash)
    };
    let hashes = hashes.iter().map(hash).collect::<std::result::Result<_, _>>();
    Ok(ConsistencyProof { hashes: hashes.map_err(|e| unreadable(path, &e))? })
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&read(path)?).map_err(|e| unreadable(path, &e))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    read_bounded(path, MAX_BUNDLE as u64)
        .map_err(|e| unreadable(path, &e))?
        .ok_or_else(|| unreadable(path, &"it is not there"))
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> AppError {
    let happened = format!("{} cannot be read: {why}.", path.display());
    AppError::new("not_found", happened, "Nothing was changed.", "Check the path.")
}
