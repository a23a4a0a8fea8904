//! The list of checks, in order, with a one-sentence verdict on top.

use crate::changes::EpochChange;
use crate::check_id::CheckId;
use crate::explain::texts;
use serde::{Deserialize, Serialize};
use vault_protocol::{Bundle, BundleId};

/// Value of `type` in every report of this version.
pub const REPORT_TYPE: &str = "keepsake/fleet-report/v1";

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// There was nothing to check it against; the reason says what was missing.
    NotChecked,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check.
    pub id: CheckId,
    /// What it found.
    pub outcome: Outcome,
    /// For a person.
    pub sentence: String,
    /// For an engineer.
    pub reason: String,
}

impl Check {
    pub(crate) fn pass(id: CheckId, reason: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Pass, sentence: texts(id).pass.into(), reason: reason.into() }
    }

    pub(crate) fn fail(id: CheckId, reason: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Fail, sentence: texts(id).fail.into(), reason: reason.into() }
    }

    pub(crate) fn not_checked(id: CheckId, reason: impl Into<String>) -> Self {
        let sentence = format!("Not checked: {}", texts(id).title);
        Self { id, outcome: Outcome::NotChecked, sentence, reason: reason.into() }
    }

    /// For what is still to come, and no fault until then.
    pub(crate) fn not_yet(id: CheckId, reason: impl Into<String>) -> Self {
        let sentence = format!("Not yet: {}", texts(id).title);
        Self { id, outcome: Outcome::NotChecked, sentence, reason: reason.into() }
    }

    /// As [`Self::fail`], where the check's usual sentence would blame the wrong thing.
    pub(crate) fn fail_saying(
        id: CheckId,
        sentence: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self { sentence: sentence.into(), ..Self::fail(id, reason) }
    }

    /// `Ok` carries the reason for a pass, `Err` the reason for a refusal.
    pub(crate) fn from_result(id: CheckId, result: Result<String, String>) -> Self {
        match result {
            Ok(reason) => Self::pass(id, reason),
            Err(reason) => Self::fail(id, reason),
        }
    }
}

/// The answer in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the fleet may be used.
    pub trusted: bool,
    /// For a person.
    pub sentence: String,
}

/// Which fleet a report is about; all fields come from the bundle under test, trusted or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Whose fleets.
    pub namespace: String,
    /// Of the fleet, as hex.
    pub fleet_id: String,
    /// Number of the generation of keys.
    pub epoch: u64,
    /// The digest that names the bundle.
    pub bundle: BundleId,
    /// How many there are, n.
    pub sites: usize,
    /// How many have to work together, t.
    pub threshold: u8,
}

impl Subject {
    pub(crate) fn of(bundle: &Bundle) -> Self {
        Self {
            namespace: bundle.namespace.clone(),
            fleet_id: bundle.fleet_id.to_string(),
            epoch: bundle.epoch,
            bundle: bundle.id(),
            sites: bundle.sites.len(),
            threshold: bundle.threshold,
        }
    }
}

/// Everything that was checked, in the order of the specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_TYPE`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The fleet consists of emulators; show it in words and colour.
    pub mock: bool,
    /// The answer in one sentence.
    pub verdict: Verdict,
    /// None if the bundle could not be read.
    pub subject: Option<Subject>,
    /// In the order of the specification.
    pub checks: Vec<Check>,
    /// Who appeared and who left, epoch by epoch.
    pub changes: Vec<EpochChange>,
}

impl Report {
    pub(crate) fn new(
        mock: bool,
        subject: Option<Subject>,
        mut checks: Vec<Check>,
        changes: Vec<EpochChange>,
    ) -> Self {
        checks.sort_by_key(|c| c.id);
        let verdict = judge(mock, &checks);
        Self { kind: REPORT_TYPE.into(), mock, verdict, subject, checks, changes }
    }

    /// This report with further checks of the same fleet; one of the same id is replaced.
    pub(crate) fn with(&self, further: Vec<Check>) -> Self {
        let ids: Vec<CheckId> = further.iter().map(|c| c.id).collect();
        let mut checks: Vec<Check> =
            self.checks.iter().filter(|c| !ids.contains(&c.id)).cloned().collect();
        checks.extend(further);
        Self::new(self.mock, self.subject.clone(), checks, self.changes.clone())
    }

    /// Whether the fleet may be used.
    pub fn trusted(&self) -> bool {
        self.verdict.trusted
    }

    /// What a check found, if it was made.
    pub fn check(&self, id: CheckId) -> Option<&Check> {
        self.checks.iter().find(|c| c.id == id)
    }

    /// Ids of the checks that refused.
    pub fn failed(&self) -> Vec<CheckId> {
        self.checks.iter().filter(|c| c.outcome == Outcome::Fail).map(|c| c.id).collect()
    }
}

/// A check that may be left open without making a fleet untrusted: on a first visit there is no
/// earlier checkpoint, and a living fleet's counts and logins are only known when it was asked.
fn may_be_open(id: CheckId) -> bool {
    matches!(id, CheckId::B5 | CheckId::C1 | CheckId::C2 | CheckId::C3)
}

fn judge(mock: bool, checks: &[Check]) -> Verdict {
    let refused = checks.iter().find(|c| c.outcome == Outcome::Fail);
    let open = checks.iter().find(|c| c.outcome == Outcome::NotChecked && !may_be_open(c.id));
    let evidence = checks.iter().any(|c| c.id >= CheckId::E0 && c.id <= CheckId::E13);
    let (trusted, text) = match (refused, open) {
        (Some(check), _) => (false, format!("Do not trust this fleet. {}", check.sentence)),
        (None, Some(check)) => (false, format!("This fleet cannot be trusted yet. {}", check.sentence)),
        (None, None) if evidence => (true, "This fleet can be trusted: its keys are signed by both parties, publicly logged, and the published evidence bears them out.".into()),
        (None, None) => (true, "The fleet's keys are signed by both parties and publicly logged. The published evidence was not examined.".into()),
    };
    let label = if mock { "MOCK fleet, no real hardware: for tests only. " } else { "" };
    Verdict { trusted, sentence: format!("{label}{text}") }
}
