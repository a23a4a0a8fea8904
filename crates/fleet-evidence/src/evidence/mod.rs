//! Checks E0 to E13 of an evidence folder (spec/evidence.md).

mod anchors;
mod audit_log;
mod ceremony;
mod dossier;
mod inventory;
mod keys;
mod manifest;
mod statements;

pub use statements::{VerifiedDeviceStatement, verify_live_statement};

use crate::attestation::{Attested, Certificate, YUBICO_INTERMEDIATES};
use crate::bundle::{Refused, VerifiedBundle};
use crate::check_id::CheckId;
use crate::device_profile::KeyRole;
use crate::folder::{EvidenceFolder, Manifest};
use crate::report::{Check, Report, Subject};
use crate::trust::Trust;
use dossier::Dossier;
use std::collections::BTreeMap;
use vault_protocol::Bundle;

/// Evidence that bears out a verified bundle. Only [`verify_evidence`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedEvidence {
    manifest: Manifest,
    statements: Vec<VerifiedDeviceStatement>,
    report: Report,
}

impl VerifiedEvidence {
    /// What was examined.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// One per device, made at the end of the ceremony.
    pub fn statements(&self) -> &[VerifiedDeviceStatement] {
        &self.statements
    }

    /// The checks of the bundle and of the evidence.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

/// Verifies the evidence of a verified bundle, under the same trust document, at a time in unix
/// seconds.
///
/// # Errors
/// Any check failed; the report lists those of the bundle and those of the evidence.
pub fn verify_evidence(
    bundle: &VerifiedBundle,
    trust: &Trust,
    folder: &EvidenceFolder,
    now: u64,
) -> Result<VerifiedEvidence, Refused> {
    let mut findings = examine(bundle.bundle(), trust, folder, now);
    if bundle.trust_id() != trust.id() {
        findings.checks[0] =
            Check::fail(CheckId::E0, "the bundle was verified under another trust document");
    }
    let report = bundle.report().with(findings.checks);
    match findings.manifest {
        Some(manifest) if report.trusted() => {
            Ok(VerifiedEvidence { manifest, statements: findings.statements, report })
        }
        _ => Err(Refused(Box::new(report))),
    }
}

/// Verifies the evidence of a bundle that is not signed yet, for the auditor who is asked to sign
/// it.
///
/// # Errors
/// Any check failed.
pub fn verify_candidate_evidence(
    bundle: &Bundle,
    trust: &Trust,
    folder: &EvidenceFolder,
    now: u64,
) -> Result<Report, Refused> {
    let findings = examine(bundle, trust, folder, now);
    let report = Report::new(trust.mock(), Some(Subject::of(bundle)), findings.checks, Vec::new());
    if report.trusted() { Ok(report) } else { Err(Refused(Box::new(report))) }
}

struct Findings {
    manifest: Option<Manifest>,
    statements: Vec<VerifiedDeviceStatement>,
    checks: Vec<Check>,
}

/// The trust document's roots and the time, which every chain is verified against.
pub(crate) struct Roots {
    certificates: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    mock: bool,
    now: u64,
}

impl Roots {
    pub(crate) fn of(trust: &Trust, now: u64) -> Result<Self, String> {
        let mut certificates = Vec::new();
        for pem in &trust.document().attestation_roots {
            certificates
                .extend(Certificate::from_pem(pem).map_err(|e| format!("trust document: {e}"))?);
        }
        let intermediates =
            Certificate::from_pem(YUBICO_INTERMEDIATES).map_err(|e| e.to_string())?;
        Ok(Self { certificates, intermediates, mock: trust.mock(), now })
    }

    /// Verifies one attestation; only a fleet labelled MOCK may end at another root than Yubico's.
    pub(crate) fn verify(
        &self,
        attestation: &Certificate,
        chain: &[Certificate],
    ) -> Result<Attested, String> {
        let chain = [chain, &self.intermediates].concat();
        let attested = crate::attestation::verify_attestation(
            attestation,
            &chain,
            &self.certificates,
            self.now,
        )?;
        if !attested.yubico && !self.mock {
            return Err(
                "the chain ends at a root that is not Yubico's, and the fleet is not labelled MOCK"
                    .into(),
            );
        }
        Ok(attested)
    }
}

/// What the devices attested, by serial of the folder and role.
type Attestations = BTreeMap<(u32, KeyRole), Attested>;

fn examine(bundle: &Bundle, trust: &Trust, folder: &EvidenceFolder, now: u64) -> Findings {
    let manifest = match manifest::read(folder) {
        Ok(manifest) => manifest,
        Err(why) => return unreadable(None, vec![Check::fail(CheckId::E0, why)]),
    };
    let covered =
        Check::from_result(CheckId::E1, manifest::check_covers(&manifest, folder, bundle));
    let dossier = match Dossier::read(&manifest, folder) {
        Ok(dossier) => dossier,
        Err(why) => {
            return unreadable(Some(manifest), vec![Check::fail(CheckId::E0, why), covered]);
        }
    };
    let mut checks =
        vec![Check::pass(CheckId::E0, format!("{} files", folder.files().len())), covered];
    let roots = Roots::of(trust, now);
    let attested = keys::verify_chains(&dossier, &roots, trust);
    checks.push(Check::from_result(
        CheckId::E2,
        attested.as_ref().map(keys::describe_roots).map_err(Clone::clone),
    ));
    checks.extend(keys::check_attested(&dossier, bundle, trust, attested.as_ref().ok()));
    checks.push(Check::from_result(CheckId::E5, audit_log::check(&dossier)));
    checks.push(Check::from_result(CheckId::E6, ceremony::check(&dossier)));
    checks.extend(inventory::check(&dossier));
    checks.push(Check::from_result(CheckId::E10, manifest::check_sites(&dossier.manifest, bundle)));
    checks.push(Check::from_result(CheckId::E11, manifest::check_build(&dossier.build)));
    checks.push(Check::from_result(CheckId::E12, anchors::check(&dossier, trust)));
    let statements = statements::check(&dossier, bundle, &roots);
    checks.push(Check::from_result(
        CheckId::E13,
        statements.as_ref().map(|s| statements::describe(s)).map_err(Clone::clone),
    ));
    Findings {
        manifest: Some(dossier.manifest),
        statements: statements.unwrap_or_default(),
        checks,
    }
}

fn unreadable(manifest: Option<Manifest>, mut checks: Vec<Check>) -> Findings {
    let rest = CheckId::EVIDENCE.iter().filter(|id| !checks.iter().any(|c| c.id == **id));
    let open: Vec<Check> =
        rest.map(|id| Check::not_checked(*id, "the evidence cannot be read (E0)")).collect();
    checks.extend(open);
    Findings { manifest, statements: Vec::new(), checks }
}
