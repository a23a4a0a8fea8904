//! What a ceremony is about to do, as the operator wrote it down.

use crate::error::OperatorError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use vault_protocol::{BundleId, FleetId, GuessPolicy, SiteIndex};
use yubihsm_device::ConnectorAddress;

/// Seven sites at under 1 KiB each, rounded up.
const MAX_PLAN: u64 = 64 * 1024;

/// A plan file (JSON). Paths are relative to its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Whose fleet it is: an auditor answers for one namespace.
    pub namespace: String,
    /// The same in every epoch.
    pub fleet_id: FleetId,
    /// 1, 2, 3, …; never reused.
    pub epoch: u64,
    /// Id of the bundle of the epoch before.
    pub previous: Option<BundleId>,
    /// How many sites must vote for a guess; balanced if it is left out.
    #[serde(default)]
    pub policy: GuessPolicy,
    /// 3, 5 or 7, numbered from 1 in their order.
    pub sites: Vec<PlannedSite>,
    /// Unix seconds.
    pub not_before: u64,
    /// Unix seconds.
    pub not_after: u64,
    /// Where the evidence will be published.
    pub evidence_url: String,
    /// Factory-reset each device first. Without it, a device that is not in factory state is
    /// refused.
    pub reset: bool,
    /// PEM files with the certificates above the devices' own, intermediate first, root last.
    pub attestation_chain: Vec<PathBuf>,
    /// Where the source of this build is: a commit or an archive's digest.
    pub source: String,
    /// Earlier epochs whose keys must not be used any more.
    #[serde(default)]
    pub revoked_epochs: Vec<u64>,
}

/// One site and its device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedSite {
    /// From 1.
    pub index: SiteIndex,
    /// Where it is, in words.
    pub region: String,
    /// Base URL of the client API.
    pub endpoint: String,
    /// `http://host:port` of the yubihsm-connector.
    pub connector: String,
    /// Printed on the device; another device in its place is refused.
    pub serial: u32,
}

impl Plan {
    /// Reads and checks a plan.
    ///
    /// # Errors
    /// [`OperatorError::Plan`] with what is wrong.
    pub fn read(path: &Path) -> Result<Self, OperatorError> {
        let refuse = |why: String| OperatorError::Plan(format!("{}: {why}", path.display()));
        let bytes =
            durable_files::read_bounded(path, MAX_PLAN).map_err(|e| refuse(e.to_string()))?;
        let mut plan: Self = serde_json::from_slice(&bytes).map_err(|e| refuse(e.to_string()))?;
        plan.check().map_err(refuse)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        plan.attestation_chain.iter_mut().for_each(|p| *p = folder.join(&p));
        Ok(plan)
    }

    fn check(&self) -> Result<(), String> {
        let n = self.sites.len();
        if !matches!(n, 3 | 5 | 7) {
            return Err(format!("a fleet has 3, 5 or 7 sites, not {n}"));
        }
        if !self.sites.iter().enumerate().all(|(i, s)| usize::from(s.index.0) == i + 1) {
            return Err("sites must be numbered from 1 in order".into());
        }
        if self.epoch == 0 || (self.epoch == 1) != self.previous.is_none() {
            return Err("epoch 1, and only epoch 1, has no previous bundle".into());
        }
        if self.not_before >= self.not_after {
            return Err("not_after must come after not_before".into());
        }
        if self.attestation_chain.is_empty() {
            return Err(
                "attestation_chain must name the certificates up to the maker's root".into()
            );
        }
        distinct("serial", self.sites.iter().map(|s| s.serial.to_string()))?;
        distinct("connector", self.sites.iter().map(|s| s.connector.clone()))?;
        distinct("endpoint", self.sites.iter().map(|s| s.endpoint.clone()))?;
        self.sites.iter().try_for_each(|s| s.address().map(|_| ()).map_err(|e| e.to_string()))
    }

    /// Sites needed for a recovery.
    pub fn threshold(&self) -> u8 {
        u8::try_from(self.sites.len() / 2 + 1).expect("at most 7 sites")
    }

    /// Binds a journal to its plan.
    pub fn digest(&self) -> String {
        let bytes = serde_json::to_vec(self).expect("a plan is plain data");
        hex::encode(Sha256::digest(bytes))
    }
}

impl PlannedSite {
    /// The connector's address.
    ///
    /// # Errors
    /// [`OperatorError::Plan`] if it is none.
    pub fn address(&self) -> Result<ConnectorAddress, OperatorError> {
        Ok(ConnectorAddress::parse(&self.connector)?)
    }
}

fn distinct(what: &str, values: impl Iterator<Item = String>) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for value in values {
        if !seen.insert(value.clone()) {
            return Err(format!("{what} {value} is named twice"));
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn plan(sites: u8) -> Plan {
        let site = |i: u8| PlannedSite {
            index: SiteIndex(i),
            region: format!("region-{i}"),
            endpoint: format!("https://127.0.0.1:{}", 7100 + u16::from(i)),
            connector: format!("http://127.0.0.1:{}", 12340 + u16::from(i)),
            serial: 1000 + u32::from(i),
        };
        Plan {
            namespace: "mock.keepsake".into(),
            fleet_id: FleetId([7; 16]),
            epoch: 1,
            previous: None,
            policy: GuessPolicy::Balanced,
            sites: (1..=sites).map(site).collect(),
            not_before: 1,
            not_after: 2,
            evidence_url: "http://127.0.0.1:1/evidence/1/".into(),
            reset: true,
            attestation_chain: vec!["root.pem".into()],
            source: "test".into(),
            revoked_epochs: vec![],
        }
    }

    #[test]
    fn a_plan_must_make_sense() {
        type Change = fn(&mut Plan);
        let wrong: [(&str, Change); 7] = [
            ("3, 5 or 7", |p| p.sites.truncate(2)),
            ("numbered", |p| p.sites[0].index = SiteIndex(9)),
            ("serial 1002", |p| p.sites[0].serial = 1002),
            ("connector", |p| p.sites[0].connector = p.sites[1].connector.clone()),
            ("plain http", |p| p.sites[0].connector = "https://x:1".into()),
            ("epoch 1", |p| p.epoch = 2),
            ("not_after", |p| p.not_after = 1),
        ];
        assert_eq!(plan(3).check(), Ok(()));
        for (expected, change) in wrong {
            let mut plan = plan(3);
            change(&mut plan);
            let refusal = plan.check().unwrap_err();
            assert!(refusal.contains(expected), "{refusal:?} should mention {expected:?}");
        }
    }
}
