//! Last stage: evidence folder, unsigned bundle, and each device's statement over both.

use super::device_work::{DeviceWork, Watch, login_key};
use super::evidence::{self, ChainAbove, DeviceEvidence};
use crate::error::OperatorError;
use crate::out_folder::{Journal, OutFolder};
use crate::plan::{Plan, PlannedSite};
use crate::site_program::SiteProgram;
use durable_files::{Readers, write_whole};
use fleet_evidence::device_profile::{
    FLEET_KEY, OPRF_KEY, RECEIPT_KEY, SEAL_KEY, SESSION_KEY, STATEMENT_AUTH_KEY,
};
use fleet_evidence::folder::{
    Anchors, DeviceStatement, Head, Purpose, STATEMENTS, STATEMENTS_TYPE, Statements,
};
use serde::Serialize;
use vault_protocol::{BUNDLE_TYPE, Bundle, BundleId, Device, Evidence, Point, Site};
use yubihsm_device::{StatementRequest, StatementSession, make_statement};

/// What is known of the ceremony beside its devices.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub plan: &'a Plan,
    pub out: &'a OutFolder,
    pub site_program: &'a SiteProgram,
    pub journal: &'a Journal,
    pub anchors: &'a Anchors,
}

/// What the site's machine needs to know of its device beside the key file.
#[derive(Clone, Debug, Serialize)]
struct SiteDeviceFile {
    serial: u32,
    firmware: String,
    mock: bool,
    connector: String,
    /// Last log entry of the ceremony: the site's record continues from here.
    log_head: Head,
}

/// Writes everything that is published and what each site needs.
pub(super) fn finish(
    facts: Facts<'_>,
    works: &mut [DeviceWork<'_>],
    watch: Watch<'_>,
) -> Result<Bundle, OperatorError> {
    let Facts { plan, out, journal, .. } = facts;
    let chain = ChainAbove::read(&plan.attestation_chain)?;
    for work in works.iter() {
        write_site_file(work, out, journal, chain.is_mock())?;
        out.write(
            &out.site(work.site.index, "device-chain.pem"),
            chain.with_device(out, work.serial())?.as_bytes(),
        )?;
    }
    let bundle = match out.read_json(&out.bundle())? {
        Some(bundle) => bundle,
        None => publish(facts, &chain, works)?,
    };
    state(facts, &chain, works, &bundle, watch)?;
    Ok(bundle)
}

/// Writes the folder, and last of all the bundle: while it is missing, this is done again.
fn publish(
    facts: Facts<'_>,
    chain: &ChainAbove,
    works: &mut [DeviceWork<'_>],
) -> Result<Bundle, OperatorError> {
    let Facts { plan, out, site_program, journal, .. } = facts;
    let keys = works.iter().map(device_keys).collect::<Result<Vec<_>, _>>()?;
    let fleet_key = one_fleet_key(works, &keys)?;
    let devices = works
        .iter()
        .map(|w| device_evidence(w, out, journal, chain))
        .collect::<Result<Vec<_>, _>>()?;
    out.note("all devices: ceremony complete; default logins and wrap keys are deleted")?;
    let digest = evidence::write(plan, out, site_program, chain.is_mock(), &devices)?;
    let bundle = bundle(plan, fleet_key, &keys, digest);
    bundle.check_shape().map_err(|e| OperatorError::Folder(e.to_string()))?;
    out.write(&out.bundle(), &bundle.canonical())?;
    Ok(bundle)
}

struct DeviceKeys {
    oprf: Point,
    seal: Point,
    fleet: Point,
    receipt: Point,
    session: Point,
}

fn device_keys(work: &DeviceWork<'_>) -> Result<DeviceKeys, OperatorError> {
    let read = |id| work.session.public_key(id).map_err(OperatorError::device(work.serial()));
    Ok(DeviceKeys {
        oprf: read(OPRF_KEY)?,
        seal: read(SEAL_KEY)?,
        fleet: read(FLEET_KEY)?,
        receipt: read(RECEIPT_KEY)?,
        session: read(SESSION_KEY)?,
    })
}

fn one_fleet_key(works: &[DeviceWork<'_>], keys: &[DeviceKeys]) -> Result<Point, OperatorError> {
    let fleet_key =
        keys.first().map(|k| k.fleet).ok_or_else(|| OperatorError::Plan("no devices".into()))?;
    match works.iter().zip(keys).find(|(_, k)| k.fleet != fleet_key) {
        None => Ok(fleet_key),
        Some((work, _)) => Err(work.start_over("it holds another fleet key than the first device")),
    }
}

fn device_evidence(
    work: &DeviceWork<'_>,
    out: &OutFolder,
    journal: &Journal,
    chain: &ChainAbove,
) -> Result<DeviceEvidence, OperatorError> {
    let serial = work.serial();
    let record =
        journal.devices.get(&serial).ok_or_else(|| work.start_over("it is not in the journal"))?;
    let log = work.log().iter().map(|entry| entry.raw()).collect();
    DeviceEvidence::gather(out, serial, record.firmware.clone(), log, chain)
}

fn bundle(plan: &Plan, fleet_key: Point, keys: &[DeviceKeys], evidence: BundleId) -> Bundle {
    let site = |(planned, keys): (&PlannedSite, &DeviceKeys)| Site {
        index: planned.index,
        region: planned.region.clone(),
        endpoint: planned.endpoint.clone(),
        devices: vec![Device {
            serial: planned.serial,
            oprf_key: keys.oprf,
            seal_key: keys.seal,
            session_key: keys.session,
            receipt_key: keys.receipt,
        }],
    };
    Bundle {
        kind: BUNDLE_TYPE.into(),
        namespace: plan.namespace.clone(),
        fleet_id: plan.fleet_id,
        epoch: plan.epoch,
        threshold: plan.threshold(),
        policy: plan.policy,
        fleet_key,
        sites: plan.sites.iter().zip(keys).map(site).collect(),
        not_before: plan.not_before,
        not_after: plan.not_after,
        previous: plan.previous,
        evidence: Evidence { digest: evidence, url: plan.evidence_url.clone() },
        revoked_epochs: plan.revoked_epochs.clone(),
        keys_since: None,
    }
}

fn state(
    facts: Facts<'_>,
    chain: &ChainAbove,
    works: &mut [DeviceWork<'_>],
    bundle: &Bundle,
    watch: Watch<'_>,
) -> Result<(), OperatorError> {
    let Facts { out, anchors, .. } = facts;
    let path = out.evidence().join(STATEMENTS);
    let id = bundle.id();
    if let Some(made) = out.read_json::<Statements>(&path)?
        && made.statements.len() == works.len()
        && made.statements.iter().all(|s| s.bundle == id)
    {
        return Ok(());
    }
    let mut statements = vec![];
    for work in works.iter_mut() {
        watch(out, &format!("device {}: state the end of its log and the bundle", work.serial()))?;
        statements.push(statement(work, out, anchors, chain, id)?);
    }
    out.write_json(&path, &Statements { kind: STATEMENTS_TYPE.into(), statements })
}

fn statement(
    work: &DeviceWork<'_>,
    out: &OutFolder,
    anchors: &Anchors,
    chain: &ChainAbove,
    bundle: BundleId,
) -> Result<DeviceStatement, OperatorError> {
    let serial = work.serial();
    let noted = anchors.record.devices.iter().find(|d| d.serial == serial);
    let challenge =
        noted.ok_or_else(|| work.start_over("the auditor has no challenge for it"))?.challenge;
    let key = login_key(work.site, out, STATEMENT_AUTH_KEY)?;
    let session = StatementSession::new(work.site.address()?, key);
    let request = StatementRequest {
        serial,
        purpose: Purpose::Ceremony,
        challenge,
        head: head(work)?,
        bundle,
        device_chain: chain.with_device(out, serial)?,
    };
    make_statement(&session, request).map_err(OperatorError::device(serial))
}

fn head(work: &DeviceWork<'_>) -> Result<Head, OperatorError> {
    let last = work.log().last().ok_or_else(|| work.start_over("its log is empty"))?;
    Ok(last.head())
}

fn write_site_file(
    work: &DeviceWork<'_>,
    out: &OutFolder,
    journal: &Journal,
    mock: bool,
) -> Result<(), OperatorError> {
    let path = out.site(work.site.index, "device.json");
    if path.exists() {
        return Ok(());
    }
    let firmware =
        journal.devices.get(&work.serial()).map(|d| d.firmware.clone()).unwrap_or_default();
    let connector = work.site.connector.clone();
    let file =
        SiteDeviceFile { serial: work.serial(), firmware, mock, connector, log_head: head(work)? };
    let bytes = serde_json::to_vec_pretty(&file).expect("plain data");
    write_whole(&path, &bytes, Readers::Owner).map_err(OperatorError::io(&path))
}
