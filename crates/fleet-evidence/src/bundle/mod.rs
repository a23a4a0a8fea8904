//! Checks B0 to B8 of a validation bundle (spec/validation-bundle.md).

mod form;
mod history;
mod signatures;

use crate::changes::EpochChange;
use crate::check_id::CheckId;
use crate::log::{Checkpoint, ConsistencyProof, LogEntry, LogProof};
use crate::report::{Check, Report, Subject};
use crate::seen::{Seen, SeenBundle, SeenCheckpoint};
use crate::trust::Trust;
use history::History;
use p256::PublicKey;
use vault_protocol::{Bundle, BundleId, DecodeError, SignedBundle, Site};

/// Clocks of honest parties may differ by this much, in seconds: a signature from the future is
/// refused beyond it.
const CLOCK_SKEW: u64 = 300;

/// What a site, the auditor's server or a folder supplied. Nothing in it is believed.
#[derive(Clone, Copy, Debug)]
pub struct BundleDocuments<'a> {
    /// The signed bundle, as published.
    pub signed: &'a [u8],
    /// Signed bundles of earlier epochs, in any order. Needed back to epoch 1, or back to what was
    /// [`Seen`].
    pub history: &'a [Vec<u8>],
    /// Leads from the smaller to the larger of the seen and the bundle's checkpoint.
    pub consistency: Option<&'a ConsistencyProof>,
}

impl<'a> BundleDocuments<'a> {
    /// A bundle alone: enough for epoch 1, and for a client that has seen the epoch before.
    pub fn alone(signed: &'a [u8]) -> Self {
        Self { signed, history: &[], consistency: None }
    }
}

/// A fleet that must not be used; the report says why.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.verdict.sentence)]
pub struct Refused(pub Box<Report>);

/// A bundle that passed every check. Only [`verify_bundle`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedBundle {
    signed: SignedBundle,
    id: BundleId,
    fleet_key: PublicKey,
    trust: [u8; 32],
    checkpoint: SeenCheckpoint,
    history: Vec<SeenBundle>,
    report: Report,
}

/// Verifies a signed bundle against pinned keys, what was seen before and the time (unix seconds).
///
/// # Errors
/// Any check failed; the report lists all of them.
pub fn verify_bundle(
    documents: &BundleDocuments<'_>,
    trust: &Trust,
    seen: Option<&Seen>,
    now: u64,
) -> Result<VerifiedBundle, Refused> {
    let signed = match form::read_signed(documents.signed) {
        Ok(signed) => signed,
        Err(why) => return Err(unreadable(trust, &why)),
    };
    let form = form::check(&signed.bundle);
    let logged = signatures::check_logged(&signed, trust);
    let history = History::gather(&signed, documents.history, trust, seen);
    let mut checks = vec![Check::from_result(
        CheckId::B0,
        form.as_ref().map(|_| form::DESCRIPTION.into()).map_err(Clone::clone),
    )];
    checks.extend(signatures::check_roles(&signed, trust));
    checks.push(Check::from_result(CheckId::B4, describe_place(&logged)));
    checks.push(check_growth(&logged, seen, documents.consistency));
    checks.push(Check::from_result(CheckId::B6, history.check_newer(&signed.bundle, trust, seen)));
    checks.push(Check::from_result(
        CheckId::B7,
        check_period(&signed.bundle, signed.auditor.timestamp, now),
    ));
    checks.push(Check::from_result(CheckId::B8, history.check_chain(&signed.bundle)));
    let report =
        Report::new(trust.mock(), Some(Subject::of(&signed.bundle)), checks, history.changes());
    let (Ok(fleet_key), Ok((_, checkpoint)), true) = (form, logged, report.trusted()) else {
        return Err(Refused(Box::new(report)));
    };
    Ok(VerifiedBundle {
        id: signed.bundle.id(),
        fleet_key,
        trust: trust.id(),
        checkpoint: newest(seen, &checkpoint),
        history: history.into_chain(),
        signed,
        report,
    })
}

/// Checks a bundle that is not signed yet (B0, B7 and the chain to the one before), for the auditor
/// who is asked to sign it.
///
/// # Errors
/// The reason why it must not be signed, with the check that refuses.
pub fn verify_candidate(
    bundle: &Bundle,
    trust: &Trust,
    previous: Option<&Bundle>,
    now: u64,
) -> Result<(), (CheckId, String)> {
    form::check(bundle).map_err(|why| (CheckId::B0, why))?;
    if bundle.namespace != trust.namespace() {
        return Err((
            CheckId::B1,
            format!("namespace {:?} instead of {:?}", bundle.namespace, trust.namespace()),
        ));
    }
    history::check_link(previous, bundle).map_err(|why| (CheckId::B8, why))?;
    if bundle.not_after <= now {
        return Err((CheckId::B7, format!("its period of use ended at {}", bundle.not_after)));
    }
    check_order(bundle).map_err(|why| (CheckId::B7, why))
}

impl VerifiedBundle {
    /// The digest that names the bundle.
    pub fn id(&self) -> BundleId {
        self.id
    }

    /// What the two parties signed.
    pub fn bundle(&self) -> &Bundle {
        &self.signed.bundle
    }

    /// The document with its signatures, to pass on.
    pub fn signed(&self) -> &SignedBundle {
        &self.signed
    }

    /// Number of this generation of keys, from 1.
    pub fn epoch(&self) -> u64 {
        self.signed.bundle.epoch
    }

    /// Sites that have to work together, t of n.
    pub fn threshold(&self) -> u8 {
        self.signed.bundle.threshold
    }

    /// F: the fleet's name, which every device holds.
    pub fn fleet_key(&self) -> &PublicKey {
        &self.fleet_key
    }

    /// In the order of their index; each has exactly one device whose keys are points of P-256.
    pub fn sites(&self) -> &[Site] {
        &self.signed.bundle.sites
    }

    /// A fleet of emulators.
    pub fn mock(&self) -> bool {
        self.report.mock
    }

    /// Each check that was made.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Id of the trust document it was verified under.
    pub fn trust_id(&self) -> [u8; 32] {
        self.trust
    }

    /// What to remember for the next visit.
    pub fn seen(&self) -> Seen {
        Seen {
            trust: hex::encode(self.trust),
            epoch: self.epoch(),
            bundle: self.id,
            checkpoint: self.checkpoint,
            history: self.history.clone(),
        }
    }
}

type Place = Result<(LogProof, Checkpoint), String>;

fn describe_place(logged: &Place) -> Result<String, String> {
    let (proof, checkpoint) = logged.as_ref().map_err(Clone::clone)?;
    let witnesses = match checkpoint.cosigners() {
        [] => String::new(),
        names => format!(", further signatures by {} (not verified)", names.join(", ")),
    };
    Ok(format!("entry {} of a log of {}{witnesses}", proof.index, checkpoint.size()))
}

fn check_growth(
    logged: &Place,
    seen: Option<&Seen>,
    consistency: Option<&ConsistencyProof>,
) -> Check {
    let Some(seen) = seen else {
        return Check::not_checked(CheckId::B5, "no checkpoint was seen before");
    };
    let Ok((_, checkpoint)) = logged else {
        return Check::not_checked(CheckId::B5, "there is no valid checkpoint to compare (B4)");
    };
    let ours = head(checkpoint);
    let (old, new) = if ours.size < seen.checkpoint.size {
        (ours, seen.checkpoint)
    } else {
        (seen.checkpoint, ours)
    };
    let none = ConsistencyProof::default();
    match consistency.unwrap_or(&none).verify(old, new) {
        Ok(()) => Check::pass(
            CheckId::B5,
            format!("the tree of {} entries is a prefix of that of {}", old.size, new.size),
        ),
        Err(e) => Check::fail(CheckId::B5, e.to_string()),
    }
}

fn check_period(bundle: &Bundle, signed_at: u64, now: u64) -> Result<String, String> {
    check_order(bundle)?;
    if now < bundle.not_before {
        return Err(format!("not valid before {}, it is {now}", bundle.not_before));
    }
    if now > bundle.not_after {
        return Err(format!("not valid after {}, it is {now}", bundle.not_after));
    }
    if signed_at > now.saturating_add(CLOCK_SKEW) {
        return Err(format!("signed at {signed_at}, which is in the future"));
    }
    Ok(format!("valid from {} to {}", bundle.not_before, bundle.not_after))
}

fn check_order(bundle: &Bundle) -> Result<(), String> {
    if bundle.not_before < bundle.not_after {
        return Ok(());
    }
    Err("its period of use is empty".into())
}

fn head(checkpoint: &Checkpoint) -> SeenCheckpoint {
    SeenCheckpoint { size: checkpoint.size(), root: checkpoint.root() }
}

fn newest(seen: Option<&Seen>, checkpoint: &Checkpoint) -> SeenCheckpoint {
    let ours = head(checkpoint);
    seen.map(|s| s.checkpoint).filter(|s| s.size > ours.size).unwrap_or(ours)
}

/// The leaf that the auditor logs for a signed bundle.
fn leaf(signed: &SignedBundle) -> Vec<u8> {
    LogEntry::new(&signed.bundle, signed.auditor.timestamp, signed.auditor.signature).canonical()
}

fn unreadable(trust: &Trust, why: &DecodeError) -> Refused {
    let mut checks = vec![form::refuse(why)];
    checks.extend(
        CheckId::BUNDLE[1..]
            .iter()
            .map(|id| Check::not_checked(*id, "the document cannot be read (B0)")),
    );
    Refused(Box::new(Report::new(trust.mock(), None, checks, Vec::new())))
}
